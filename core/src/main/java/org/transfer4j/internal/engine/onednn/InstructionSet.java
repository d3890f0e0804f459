package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;
import java.util.Comparator;
import org.bytedeco.dnnl.global.dnnl;

/** What the CPU offers oneDNN, as far as a choice here depends on it. */
enum InstructionSet {
    /** SSE 4.1 on x86, and whatever oneDNN takes on other processors. */
    BASE(0),
    AVX2(dnnl.dnnl_cpu_isa_avx2),
    /** With the core, byte-word, doubleword-quadword and vector-length extensions. */
    AVX512(dnnl.dnnl_cpu_isa_avx512_core),
    /** AVX-512 with products of bfloat16. */
    AVX512_BF16(dnnl.dnnl_cpu_isa_avx512_core_bf16),
    /** The same with products of tiles, of bfloat16 and of bytes. */
    AVX512_AMX(dnnl.dnnl_cpu_isa_avx512_core_amx);

    private final int bits;

    InstructionSet(int bits) {
        this.bits = bits;
    }

    /** Reads the bit mask of {@code dnnl_get_effective_cpu_isa}. */
    static InstructionSet of(int mask) {
        return Arrays.stream(values())
                .filter(set -> (mask & set.bits) == set.bits)
                .max(Comparator.naturalOrder())
                .orElse(BASE);
    }

    /** Whether it has all that another one has. */
    boolean includes(InstructionSet other) {
        return compareTo(other) >= 0;
    }
}
