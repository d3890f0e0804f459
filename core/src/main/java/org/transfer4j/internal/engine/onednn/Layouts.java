package org.transfer4j.internal.engine.onednn;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.Window;

/** Descriptions of memory, of floats where no type is given. The caller frees them, or the scope does in which they are made. */
final class Layouts {
    /** The orders of images that primitives work in. */
    static final List<memory.format_tag> ORDERS = List.of(
            memory.format_tag.nhwc, memory.format_tag.nChw16c, memory.format_tag.nChw8c, memory.format_tag.nchw);

    private Layouts() {}

    static memory.data_type type(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> memory.data_type.f32;
            case BFLOAT16 -> memory.data_type.bf16;
        };
    }

    /** A window's dilation for oneDNN, where neighbours that touch have the distance 0. */
    static long[] gaps(Window window) {
        return new long[] {window.dilation().height() - 1L, window.dilation().width() - 1L};
    }

    /** [N, C, H, W] as DL4J keeps it. */
    static memory.desc plain(long[] dimensions) {
        return plain(dimensions, memory.data_type.f32);
    }

    /** The same of another type. */
    static memory.desc plain(long[] dimensions, memory.data_type type) {
        return new memory.desc(dimensions, type, memory.format_tag.nchw);
    }

    /** Whatever order the primitive likes best. */
    static memory.desc any(long[] dimensions, memory.data_type type) {
        return new memory.desc(dimensions, type, memory.format_tag.any);
    }

    /** The same order of values of another type. */
    static memory.desc retyped(memory.desc layout, memory.data_type type) {
        memory.desc other = new memory.desc(layout.data());
        other.data().data_type(type.value);
        return other;
    }

    /** Weights as DL4J keeps them, [O, I, H, W], with a leading dimension where there are groups. */
    static memory.desc plainWeights(long[] dimensions) {
        memory.format_tag order = dimensions.length == 4 ? memory.format_tag.oihw : memory.format_tag.goihw;
        return new memory.desc(dimensions, memory.data_type.f32, order);
    }

    static memory.desc vector(long length) {
        return new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.x);
    }

    /** [rows, columns]. */
    static memory.desc matrix(long rows, long columns) {
        return new memory.desc(new long[] {rows, columns}, memory.data_type.f32, memory.format_tag.nc);
    }

    static memory.desc bytes(long length) {
        return new memory.desc(new long[] {length}, memory.data_type.u8, memory.format_tag.x);
    }
}
