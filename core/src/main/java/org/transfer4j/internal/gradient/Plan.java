package org.transfer4j.internal.gradient;

import java.util.List;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.onednn.Addresses;
import org.transfer4j.internal.onednn.ArenaLayout;
import org.transfer4j.internal.onednn.NativeResources;
import org.transfer4j.internal.onednn.PrimitiveStep;

/** A body for one batch size, in a block of memory that it is lent for a step. Not for two threads at once. */
final class Plan implements AutoCloseable {
    private final Tape tape;
    private final NativeResources resources;
    private final ArenaLayout arena;
    private final long[] outputShape;
    private final Tensor input;
    private final Tensor output;
    private final Tensor outputGradient;

    Plan(Tape tape, NativeResources resources, long[] outputShape, Tensor input, Tensor output, Tensor outputGradient) {
        this.tape = tape;
        this.resources = resources;
        this.outputShape = outputShape;
        this.input = input;
        this.output = output;
        this.outputGradient = outputGradient;
        this.arena =
                ArenaLayout.of(tape.buffers().stream().map(Buffer::lifetime).toList());
    }

    long arenaBytes() {
        return arena.bytes();
    }

    /** [N, C, H, W] of what it gives. */
    long[] outputShape() {
        return outputShape.clone();
    }

    /**
     * Runs the forward pass.
     *
     * @param block at least {@link #arenaBytes()}, which a backward pass needs unchanged
     * @param images in C order
     * @param features where the output goes, in C order
     */
    void forward(stream order, Pointer block, INDArray images, INDArray features) {
        List<Buffer> buffers = tape.buffers();
        for (int i = 0; i < buffers.size(); i++) {
            buffers.get(i).bind(Addresses.offset(block, arena.offset(i)));
        }
        input.buffer().bind(images.data().addressPointer());
        output.buffer().bind(features.data().addressPointer());
        tape.before().forEach(Runnable::run);
        run(tape.forward(), order);
    }

    /**
     * Runs the backward pass of the forward pass before it.
     *
     * @param gradient of the output, in C order
     */
    void backward(stream order, INDArray gradient) {
        outputGradient.buffer().bind(gradient.data().addressPointer());
        run(tape.backward(), order);
        tape.after().forEach(Runnable::run);
    }

    private static void run(List<PrimitiveStep> steps, stream order) {
        for (PrimitiveStep step : steps) {
            step.execute(order);
        }
        order._wait();
    }

    @Override
    public void close() {
        resources.close();
    }
}
