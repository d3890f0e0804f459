package org.transfer4j.internal.onednn;

import org.bytedeco.dnnl.memory;

/** Descriptions of float memory. The caller frees them, or the scope does in which they are made. */
final class Layouts {
    private Layouts() {}

    /** [N, C, H, W] as DL4J keeps it. */
    static memory.desc plain(long[] dimensions) {
        return new memory.desc(dimensions, memory.data_type.f32, memory.format_tag.nchw);
    }

    /** Whatever order the primitive likes best. */
    static memory.desc any(long[] dimensions) {
        return new memory.desc(dimensions, memory.data_type.f32, memory.format_tag.any);
    }

    /** Weights as DL4J keeps them, [O, I, H, W], with a leading dimension where there are groups. */
    static memory.desc plainWeights(Filter filter) {
        memory.format_tag order = filter.groups() == 1 ? memory.format_tag.oihw : memory.format_tag.goihw;
        return new memory.desc(filter.dimensions(), memory.data_type.f32, order);
    }

    static memory.desc vector(long length) {
        return new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.x);
    }

    static memory.desc bytes(long length) {
        return new memory.desc(new long[] {length}, memory.data_type.u8, memory.format_tag.x);
    }
}
