package org.transfer4j.internal.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** What the CPU offers oneDNN, as far as a choice here depends on it. */
enum InstructionSet {
    /** With the core, byte-word, doubleword-quadword and vector-length extensions. */
    AVX512,
    AVX2,
    /** SSE 4.1 on x86, and whatever oneDNN takes on other processors. */
    BASE;

    /** Reads the bit mask of {@code dnnl_get_effective_cpu_isa}. */
    static InstructionSet of(int mask) {
        if (includes(mask, dnnl.dnnl_cpu_isa_avx512_core)) {
            return AVX512;
        }
        return includes(mask, dnnl.dnnl_cpu_isa_avx2) ? AVX2 : BASE;
    }

    private static boolean includes(int mask, int wanted) {
        return (mask & wanted) == wanted;
    }
}
