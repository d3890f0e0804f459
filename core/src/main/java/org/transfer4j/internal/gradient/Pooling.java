package org.transfer4j.internal.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.jspecify.annotations.Nullable;

/**
 * Maximum or mean of windows, in the layout of the input.
 *
 * @param algorithm one of the {@code dnnl_pooling_} constants
 * @param masksGradient whether its gradient is to be that of ReLU right below it, too: a maximum passes ReLU where it is
 *     positive, which takes a look at the outputs here instead of the many more inputs
 */
record Pooling(int algorithm, Window window, boolean masksGradient) implements Operation {
    boolean maximum() {
        return algorithm == dnnl.dnnl_pooling_max;
    }

    Pooling thatMasks() {
        return new Pooling(algorithm, window, true);
    }

    @Override
    public long[] outputs(long[] images) {
        return window.outputs(images, images[1]);
    }

    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor input = inputs.get(0);
        long[] images = input.dimensions();
        pooling_forward.primitive_desc description = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        training ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
                        algorithm,
                        input.layout(),
                        Operation.any(tape, window.outputs(images, images[1])),
                        window.strides(),
                        window.kernels(),
                        window.before(images),
                        window.after(images)),
                Tape.attributes(),
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
            long[] images = input.dimensions();
            Window window = pooling.window();
            pooling_backward.primitive_desc description = new pooling_backward.primitive_desc(
                    new pooling_backward.desc(
                            pooling.algorithm(),
                            input.layout(),
                            output.layout(),
                            window.strides(),
                            window.kernels(),
                            window.before(images),
                            window.after(images)),
                    Tape.attributes(),
                    tape.cpu(),
                    forward);
            Tensor masked = pooling.masksGradient() ? Rectifier.UNBOUNDED.masked(tape, gradient, output) : gradient;
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
