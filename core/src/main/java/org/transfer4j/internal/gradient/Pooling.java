package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.onednn.Attributes;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

/**
 * Maximum or mean of windows, in the layout of the input.
 *
 * @param algorithm one of the {@code dnnl_pooling_} constants
 * @param masksGradient whether its gradient is to be that of ReLU right below it, too: a maximum passes ReLU where it is
 *     positive, which takes a look at the outputs here instead of the many more inputs
 */
record Pooling(int algorithm, Window window, boolean masksGradient) implements Operation {
    Pooling(Op.Pooling.Kind kind, Window window) {
        this(
                switch (kind) {
                    case MAXIMUM -> dnnl.dnnl_pooling_max;
                    case MEAN_WITH_PADDING -> dnnl.dnnl_pooling_avg_include_padding;
                    case MEAN_WITHOUT_PADDING -> dnnl.dnnl_pooling_avg_exclude_padding;
                },
                window,
                false);
    }

    boolean maximum() {
        return algorithm == dnnl.dnnl_pooling_max;
    }

    Pooling thatMasks() {
        return new Pooling(algorithm, window, true);
    }

    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor input = inputs.get(0);
        long[] images = input.dimensions();
        Extent outputs = window.positions(new Extent((int) images[2], (int) images[3]));
        pooling_forward.primitive_desc description = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                        algorithm,
                        input.layout(),
                        Operation.any(tape, new long[] {images[0], images[1], outputs.height(), outputs.width()}),
                        window.stride().dimensions(),
                        window.kernel().dimensions(),
                        window.before().dimensions(),
                        window.after().dimensions()),
                Attributes.none(),
                tape.cpu());
        Tensor output = tape.allocate(description.dst_desc());
        Tensor positions = workspace(tape, description, training);
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(dnnl.DNNL_ARG_SRC, tape.view(input));
        arguments.put(dnnl.DNNL_ARG_DST, tape.view(output));
        if (positions != null) {
            arguments.put(dnnl.DNNL_ARG_WORKSPACE, tape.view(positions));
        }
        tape.step(description, new pooling_forward(description), arguments);
        return new OnTape(this, input, output, positions, description);
    }

    private static @Nullable Tensor workspace(Tape tape, pooling_forward.primitive_desc description, boolean training) {
        memory.desc layout = description.workspace_desc();
        return training && layout.get_size() > 0 ? tape.allocate(layout) : null;
    }

    private record OnTape(
            Pooling pooling,
            Tensor input,
            Tensor output,
            @Nullable Tensor positions,
            pooling_forward.primitive_desc forward)
            implements Recorded {

        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            if (!inputGradientWanted) {
                return List.of();
            }
            Window window = pooling.window();
            pooling_backward.primitive_desc description = new pooling_backward.primitive_desc(
                    new pooling_backward.desc(
                            pooling.algorithm(),
                            input.layout(),
                            output.layout(),
                            window.stride().dimensions(),
                            window.kernel().dimensions(),
                            window.before().dimensions(),
                            window.after().dimensions()),
                    Attributes.none(),
                    tape.cpu(),
                    forward);
            Tensor masked =
                    pooling.masksGradient() ? Elementwise.RELU.inputGradient(tape, gradient, output, output) : gradient;
            Tensor arranged = tape.arranged(masked, description.diff_dst_desc());
            Tensor inputGradient = tape.allocate(description.diff_src_desc());
            Map<Integer, memory> arguments = new HashMap<>();
            arguments.put(dnnl.DNNL_ARG_DIFF_DST, tape.view(arranged));
            arguments.put(dnnl.DNNL_ARG_DIFF_SRC, tape.view(inputGradient));
            if (positions != null) {
                arguments.put(dnnl.DNNL_ARG_WORKSPACE, tape.view(positions));
            }
            tape.step(description, new pooling_backward(description), arguments);
            return List.of(inputGradient);
        }
    }
}
