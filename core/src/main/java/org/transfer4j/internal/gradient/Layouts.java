package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.memory;

/** Descriptions of memory, all in the order in which DL4J keeps its arrays, or in any. */
final class Layouts {
    private Layouts() {}

    /** [N, C, H, W]. */
    static memory.desc images(long[] dimensions) {
        return new memory.desc(dimensions, memory.data_type.f32, memory.format_tag.nchw);
    }

    static memory.desc vector(long length) {
        return new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.x);
    }

    /** [rows, columns]. */
    static memory.desc matrix(long rows, long columns) {
        return new memory.desc(new long[] {rows, columns}, memory.data_type.f32, memory.format_tag.nc);
    }

    /** Whatever order the primitive likes best. */
    static memory.desc any(long[] dimensions, memory.data_type type) {
        return new memory.desc(dimensions, type, memory.format_tag.any);
    }
}
