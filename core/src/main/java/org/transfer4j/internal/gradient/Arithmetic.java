package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.memory;

/**
 * In what numbers activations and their gradients are kept and multiplied. Parameters, their gradients and all sums are
 * float in any case.
 */
public enum Arithmetic {
    FLOAT32,
    /** Half the memory, 8 bits of precision; fast where the CPU has instructions for it. */
    BFLOAT16;

    // not a field: this class has to load where oneDNN's classes are missing
    memory.data_type type() {
        return this == FLOAT32 ? memory.data_type.f32 : memory.data_type.bf16;
    }
}
