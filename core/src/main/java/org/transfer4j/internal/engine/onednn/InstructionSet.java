package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** What the CPU offers oneDNN, as far as a choice here depends on it. */
enum InstructionSet {
    /** SSE 4.1 on x86, and whatever oneDNN takes on other processors. */
    BASE,
    AVX2,
    /** With the core, byte-word, doubleword-quadword and vector-length extensions. */
    AVX512,
    /** AVX-512 with products of bfloat16. */
    AVX512_BF16,
    /** The same with products of tiles, of bfloat16 and of bytes. */
    AVX512_AMX;

    /** Reads the bit mask of {@code dnnl_get_effective_cpu_isa}. */
    static InstructionSet of(int mask) {
        if (includes(mask, dnnl.dnnl_cpu_isa_avx512_core_amx)) {
            return AVX512_AMX;
        }
        if (includes(mask, dnnl.dnnl_cpu_isa_avx512_core_bf16)) {
            return AVX512_BF16;
        }
        if (includes(mask, dnnl.dnnl_cpu_isa_avx512_core)) {
            return AVX512;
        }
        return includes(mask, dnnl.dnnl_cpu_isa_avx2) ? AVX2 : BASE;
    }

    /** Whether it has all that another one has. */
    boolean includes(InstructionSet other) {
        return compareTo(other) >= 0;
    }

    private static boolean includes(int mask, int wanted) {
        return (mask & wanted) == wanted;
    }
}
