package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.onednn.Addresses;
import org.transfer4j.internal.onednn.ArenaLayout;
import org.transfer4j.internal.onednn.Layouts;
import org.transfer4j.internal.onednn.NativeResources;
import org.transfer4j.internal.onednn.NativeScope;
import org.transfer4j.internal.onednn.PrimitiveStep;
import org.transfer4j.internal.onednn.Region;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

/** A body for one batch size, in a block of memory that it is lent for a step. Not for two threads at once. */
final class Plan implements AutoCloseable {
    private final Tape tape;
    private final NativeResources resources;
    private final ArenaLayout arena;
    private final long[] outputShape;
    private final Tensor input;
    private final Tensor output;
    private final Tensor outputGradient;

    private Plan(
            Tape tape,
            NativeResources resources,
            long[] outputShape,
            Tensor input,
            Tensor output,
            Tensor outputGradient) {
        this.tape = tape;
        this.resources = resources;
        this.outputShape = outputShape;
        this.input = input;
        this.output = output;
        this.outputGradient = outputGradient;
        this.arena =
                ArenaLayout.of(tape.regions().stream().map(Region::lifetime).toList());
    }

    /**
     * Builds a plan.
     *
     * @param images [N, C, H, W]
     * @param training whether it has a backward pass
     */
    static Plan build(Body body, engine cpu, Precision precision, long[] images, boolean training) {
        NativeResources resources = new NativeResources();
        try {
            Tape tape = new Tape(cpu, Layouts.type(precision), resources);
            return NativeScope.call(() -> new Builder(body, tape).build(images, training, resources));
        } catch (RuntimeException | Error cause) {
            resources.close();
            throw cause;
        }
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
        List<Region> regions = tape.regions();
        for (int i = 0; i < regions.size(); i++) {
            regions.get(i).bind(Addresses.offset(block, arena.offset(i)));
        }
        input.region().bind(images.data().addressPointer());
        output.region().bind(features.data().addressPointer());
        tape.before().forEach(Runnable::run);
        run(tape.forward(), order);
    }

    /**
     * Runs the backward pass of the forward pass before it.
     *
     * @param gradient of the output, in C order
     */
    void backward(stream order, Pointer gradient) {
        outputGradient.region().bind(gradient);
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

    /** Records a body on a tape. */
    private static final class Builder {
        private final Body body;
        private final Tape tape;
        private final List<Operation.Recorded> recorded = new ArrayList<>();

        private Builder(Body body, Tape tape) {
            this.body = body;
            this.tape = tape;
        }

        private Plan build(long[] images, boolean training, NativeResources resources) {
            Tensor input = tape.foreign(Layouts.plain(images));
            for (Body.Node node : body.nodes()) {
                List<Tensor> inputs = node.inputs().stream()
                        .map(index -> index == Body.INPUT
                                ? input
                                : recorded.get(index).output())
                        .toList();
                recorded.add(node.operation().record(tape, inputs, training));
            }
            Tensor last = recorded.get(recorded.size() - 1).output();
            long[] shape = last.dimensions();
            Tensor output = tape.foreign(Layouts.plain(shape));
            tape.copy(last, output);
            tape.turn();
            Tensor outputGradient = tape.foreign(Layouts.plain(shape));
            if (training) {
                backward(tape.arranged(outputGradient, last.layout()));
            }
            return new Plan(tape, resources, shape, input, output, outputGradient);
        }

        private void backward(Tensor outputGradient) {
            @Nullable Tensor[] gradients = new Tensor[recorded.size()];
            gradients[gradients.length - 1] = outputGradient;
            List<Boolean> learnsBelow = body.learnsBelow();
            for (int i = gradients.length - 1; i >= 0; i--) {
                Tensor gradient = gradients[i];
                boolean wanted = learnsBelow.get(i);
                Body.Node node = body.nodes().get(i);
                if (gradient == null || !(wanted || node.operation().learns())) {
                    continue;
                }
                List<Tensor> inputGradients = recorded.get(i).backward(tape, gradient, wanted);
                if (wanted) {
                    spread(node.inputs(), inputGradients, gradients);
                }
            }
        }

        /** What several read has the sum of what comes from each of them. */
        private void spread(List<Integer> inputs, List<Tensor> inputGradients, @Nullable Tensor[] gradients) {
            for (int j = 0; j < inputs.size(); j++) {
                int index = inputs.get(j);
                if (index != Body.INPUT) {
                    Tensor known = gradients[index];
                    gradients[index] =
                            known == null ? inputGradients.get(j) : Binary.sum(tape, known, inputGradients.get(j));
                }
            }
        }
    }
}
