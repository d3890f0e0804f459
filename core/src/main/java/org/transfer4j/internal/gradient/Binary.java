package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.transfer4j.internal.onednn.Attributes;
import org.transfer4j.internal.onednn.FirstSupported;
import org.transfer4j.internal.onednn.Layouts;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

/** The sum or product of two images; a product's second may have one number for each channel. */
record Binary(boolean product) implements Operation {
    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor left = inputs.get(0);
        Tensor right = inputs.get(1);
        return product
                ? new Product(left, right, combined(tape, dnnl.dnnl_binary_mul, left, right))
                : new Addition(sum(tape, left, right));
    }

    /** The sum of two tensors of one shape, in the layout of the first. */
    static Tensor sum(Tape tape, Tensor left, Tensor right) {
        return combined(tape, dnnl.dnnl_binary_add, left, right);
    }

    private static Tensor combined(Tape tape, int algorithm, Tensor left, Tensor right) {
        binary.primitive_desc description = FirstSupported.of(ways(tape, algorithm, left, right));
        Tensor arranged = tape.arranged(right, description.src_desc(1));
        Tensor result = tape.allocate(description.dst_desc());
        tape.step(
                description,
                new binary(description),
                Map.of(
                        dnnl.DNNL_ARG_SRC_0,
                        tape.view(left),
                        dnnl.DNNL_ARG_SRC_1,
                        tape.view(arranged),
                        dnnl.DNNL_ARG_DST,
                        tape.view(result)));
        return result;
    }

    /** One number for each channel has to lie as the image does, which a desc of a single pixel does not always say. */
    private static List<Supplier<binary.primitive_desc>> ways(Tape tape, int algorithm, Tensor left, Tensor right) {
        List<Supplier<binary.primitive_desc>> ways = new ArrayList<>();
        if (Arrays.equals(left.dimensions(), right.dimensions())) {
            ways.add(() -> describe(tape, algorithm, left.layout(), left.layout()));
            return ways;
        }
        memory.data_type type = left.layout().data_type();
        ways.add(() -> describe(tape, algorithm, left.layout(), Layouts.retyped(right.layout(), type)));
        for (memory.format_tag order : Layouts.ORDERS) {
            ways.add(() -> describe(tape, algorithm, left.layout(), new memory.desc(right.dimensions(), type, order)));
        }
        return ways;
    }

    private static binary.primitive_desc describe(Tape tape, int algorithm, memory.desc left, memory.desc right) {
        return new binary.primitive_desc(new binary.desc(algorithm, left, right, left), Attributes.none(), tape.cpu());
    }

    private record Addition(Tensor output) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            return inputGradientWanted ? List.of(gradient, gradient) : List.of();
        }
    }

    private record Product(Tensor left, Tensor right, Tensor output) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            if (!inputGradientWanted) {
                return List.of();
            }
            Tensor ofLeft = combined(tape, dnnl.dnnl_binary_mul, gradient, right);
            Tensor ofRight = combined(tape, dnnl.dnnl_binary_mul, gradient, left);
            boolean repeated = !Arrays.equals(left.dimensions(), right.dimensions());
            return List.of(ofLeft, repeated ? summed(tape, ofRight) : ofRight);
        }
    }

    /** The sum of each channel: oneDNN's means are many times faster than its sums. */
    private static Tensor summed(Tape tape, Tensor image) {
        long[] dimensions = image.dimensions();
        long[] none = {0, 0};
        pooling_forward.primitive_desc means = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        dnnl.dnnl_forward_inference,
                        dnnl.dnnl_pooling_avg_exclude_padding,
                        image.layout(),
                        Operation.any(tape, new long[] {dimensions[0], dimensions[1], 1, 1}),
                        new long[] {1, 1},
                        new long[] {dimensions[2], dimensions[3]},
                        none,
                        none),
                Attributes.none(),
                tape.cpu());
        Tensor mean = tape.allocate(means.dst_desc());
        tape.step(
                means,
                new pooling_forward(means),
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(image), dnnl.DNNL_ARG_DST, tape.view(mean)));
        float pixels = (float) dimensions[2] * dimensions[3];
        eltwise_forward.primitive_desc times = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(
                        dnnl.dnnl_forward_inference, dnnl.dnnl_eltwise_linear, mean.layout(), pixels, 0),
                Attributes.none(),
                tape.cpu());
        Tensor sum = tape.allocate(times.dst_desc());
        tape.step(
                times,
                new eltwise_forward(times),
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(mean), dnnl.DNNL_ARG_DST, tape.view(sum)));
        return sum;
    }
}
