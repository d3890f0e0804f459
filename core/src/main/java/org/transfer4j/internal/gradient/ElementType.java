package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.memory;
import org.transfer4j.backbone.Precision;

/**
 * In what numbers activations and their gradients are kept and multiplied. Parameters, their gradients and all sums are
 * float in any case.
 */
final class ElementType {
    private ElementType() {}

    static memory.data_type of(Precision precision) {
        return precision == Precision.FLOAT32 ? memory.data_type.f32 : memory.data_type.bf16;
    }
}
