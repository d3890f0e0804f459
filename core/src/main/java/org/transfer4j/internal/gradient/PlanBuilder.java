package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.onednn.NativeResources;
import org.transfer4j.internal.onednn.NativeScope;

/** Records a body on a tape. */
final class PlanBuilder {
    private final Body body;
    private final Tape tape;
    private final List<Operation.Recorded> recorded = new ArrayList<>();

    private PlanBuilder(Body body, Tape tape) {
        this.body = body;
        this.tape = tape;
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
            Tape tape = new Tape(cpu, precision, resources);
            return NativeScope.call(() -> new PlanBuilder(body, tape).build(images, training, resources));
        } catch (RuntimeException | Error cause) {
            resources.close();
            throw cause;
        }
    }

    private Plan build(long[] images, boolean training, NativeResources resources) {
        Tensor input = tape.foreign(Layouts.images(images));
        for (Body.Node node : body.nodes()) {
            List<Tensor> inputs = node.inputs().stream()
                    .map(index ->
                            index == Body.INPUT ? input : recorded.get(index).output())
                    .toList();
            recorded.add(node.operation().record(tape, inputs, training));
        }
        Tensor last = recorded.get(recorded.size() - 1).output();
        long[] shape = last.dimensions();
        Tensor output = tape.foreign(Layouts.images(shape));
        tape.copy(last, output);
        tape.turn();
        Tensor outputGradient = tape.foreign(Layouts.images(shape));
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
                gradients[index] = known == null ? inputGradients.get(j) : Sum.of(tape, known, inputGradients.get(j));
            }
        }
    }
}
