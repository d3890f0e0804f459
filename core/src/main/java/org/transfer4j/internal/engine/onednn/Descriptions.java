package org.transfer4j.internal.engine.onednn;

import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Window;

/**
 * What oneDNN makes memory and primitives of: layouts, of floats where no type is given, attributes, and the first
 * description that it has a kernel for. The caller frees them, or the scope does in which they are made.
 */
final class Descriptions {
    /** The orders of images that primitives work in. */
    static final List<memory.format_tag> ORDERS = List.of(
            memory.format_tag.nhwc, memory.format_tag.nChw16c, memory.format_tag.nChw8c, memory.format_tag.nchw);

    private Descriptions() {}

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

    /** Nothing besides its own work. */
    static primitive_attr noAttributes() {
        return attributes(false, Activation.IDENTITY);
    }

    /**
     * What a primitive does besides its own work. Scratch memory always comes from us: with oneDNN 2.5's own, a primitive
     * that was made by one thread and runs in another crashes.
     *
     * @param accumulate whether the result is added to what its memory holds before
     * @param activation what comes last
     */
    static primitive_attr attributes(boolean accumulate, Activation activation) {
        primitive_attr attributes = new primitive_attr();
        attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
        if (accumulate || !activation.isIdentity()) {
            post_ops after = new post_ops();
            if (accumulate) {
                after.append_sum(1, memory.data_type.undef);
            }
            if (!activation.isIdentity()) {
                after.append_eltwise(
                        1, activation.function().oneDnn(), (float) activation.alpha(), (float) activation.beta());
            }
            attributes.set_post_ops(after);
        }
        return attributes;
    }

    /**
     * Of several ways to compute the same, the first that oneDNN has for the shapes and the CPU at hand.
     *
     * @param ways the best first; the last is taken whatever it is
     */
    static <D extends primitive_desc_base> D firstSupported(List<Supplier<D>> ways) {
        for (Supplier<D> way : ways.subList(0, ways.size() - 1)) {
            try {
                D description = way.get();
                if (!isReference(description)) {
                    return description;
                }
            } catch (RuntimeException unimplemented) {
                // not for this number of channels, or not with this activation
            }
        }
        return ways.get(ways.size() - 1).get();
    }

    /** Code that is there to define the result, hundreds of times slower than the rest. */
    private static boolean isReference(primitive_desc_base description) {
        return description.impl_info_str().getString().startsWith("ref");
    }
}
