package org.transfer4j.internal.engine.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.engine.onednn.Operation.LearnedConvolution;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Window;

/** A convolution whose weights are learned, bias and ReLU in one primitive, and its two backward passes. */
final class LearnedConvolutionEmission {
    private static final int DIRECT = dnnl.dnnl_convolution_direct;

    private final LearnedConvolution convolution;
    private final Filter.Learned filter;
    private final PlanBuilder plan;
    private final Tape tape;

    private LearnedConvolutionEmission(LearnedConvolution convolution, PlanBuilder plan) {
        this.convolution = convolution;
        this.filter = convolution.filter();
        this.plan = plan;
        this.tape = plan.tape();
    }

    static void emit(LearnedConvolution convolution, PlanBuilder plan) {
        new LearnedConvolutionEmission(convolution, plan).emit();
    }

    private void emit() {
        convolution_forward.primitive_desc description = forward();
        Tensor source = plan.arranged(plan.tensor(convolution.input()), description.src_desc());
        Tensor plainWeights = tape.fixed(filter.layout(), filter.weights());
        Tensor arrangedWeights = plan.arranged(plainWeights, description.weights_desc());
        Tensor output = tape.allocate(description.dst_desc());
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(dnnl.DNNL_ARG_SRC, tape.view(source));
        arguments.put(dnnl.DNNL_ARG_WEIGHTS, tape.view(arrangedWeights));
        INDArray bias = filter.bias();
        if (bias != null) {
            arguments.put(dnnl.DNNL_ARG_BIAS, tape.view(tape.fixed(Layouts.vector(bias.length()), bias)));
        }
        arguments.put(dnnl.DNNL_ARG_DST, tape.view(output));
        tape.step(description, new convolution_forward(description), arguments);
        plan.define(convolution.output(), output);
        plan.backward(convolution, (gradient, wanted) -> {
            Tensor masked = convolution.rectified() && !convolution.gradientMasked()
                    ? Emission.rectifiedGradient(plan, gradient, output)
                    : gradient;
            weightGradients(description, source, plainWeights, masked);
            return wanted ? List.of(inputGradient(description, plainWeights, masked)) : List.of();
        });
    }

    private convolution_forward.primitive_desc forward() {
        Window window = convolution.window();
        convolution_forward.desc description = new convolution_forward.desc(
                plan.forward(),
                DIRECT,
                inputs(),
                any(filter.dimensions()),
                biasLayout(),
                outputs(),
                window.stride().dimensions(),
                Layouts.gaps(window),
                window.before().dimensions(),
                window.after().dimensions());
        Activation activation = convolution.rectified() ? Activation.of(Activation.Function.RELU) : Activation.IDENTITY;
        return new convolution_forward.primitive_desc(description, Attributes.of(false, activation), plan.engine());
    }

    private memory.desc any(long[] dimensions) {
        return Layouts.any(dimensions, plan.type());
    }

    private memory.desc inputs() {
        return any(plan.dimensions(convolution.input()));
    }

    private memory.desc outputs() {
        return any(plan.dimensions(convolution.output()));
    }

    /** An empty description says that there is none. */
    private memory.desc biasLayout() {
        return filter.bias() == null ? new memory.desc() : Layouts.vector(filter.outputs());
    }

    private void weightGradients(
            convolution_forward.primitive_desc forward, Tensor source, Tensor plainWeights, Tensor gradient) {
        Window window = convolution.window();
        convolution_backward_weights.primitive_desc description = new convolution_backward_weights.primitive_desc(
                new convolution_backward_weights.desc(
                        DIRECT,
                        inputs(),
                        Layouts.any(filter.dimensions(), memory.data_type.f32),
                        biasLayout(),
                        outputs(),
                        window.stride().dimensions(),
                        Layouts.gaps(window),
                        window.before().dimensions(),
                        window.after().dimensions()),
                Attributes.none(),
                plan.engine(),
                forward);
        Tensor inputs = plan.arranged(source, description.src_desc());
        Tensor outputs = plan.arranged(gradient, description.diff_dst_desc());
        Tensor weights =
                tape.gradient(description.diff_weights_desc(), plainWeights.layout(), filter.weightsGradient());
        Map<Integer, memory> arguments = new HashMap<>();
        arguments.put(dnnl.DNNL_ARG_SRC, tape.view(inputs));
        arguments.put(dnnl.DNNL_ARG_DIFF_DST, tape.view(outputs));
        arguments.put(dnnl.DNNL_ARG_DIFF_WEIGHTS, tape.view(weights));
        INDArray biasGradient = filter.biasGradient();
        if (biasGradient == null) {
            tape.step(description, new convolution_backward_weights(description), arguments);
        } else {
            memory.desc vector = Layouts.vector(biasGradient.length());
            Tensor bias = tape.gradient(vector, vector, biasGradient);
            arguments.put(dnnl.DNNL_ARG_DIFF_BIAS, tape.view(bias));
            tape.step(description, new convolution_backward_weights(description), arguments);
            tape.keep(bias, vector, biasGradient);
        }
        tape.keep(weights, plainWeights.layout(), filter.weightsGradient());
    }

    private Tensor inputGradient(convolution_forward.primitive_desc forward, Tensor plainWeights, Tensor gradient) {
        Window window = convolution.window();
        convolution_backward_data.primitive_desc description = new convolution_backward_data.primitive_desc(
                new convolution_backward_data.desc(
                        DIRECT,
                        inputs(),
                        any(filter.dimensions()),
                        outputs(),
                        window.stride().dimensions(),
                        Layouts.gaps(window),
                        window.before().dimensions(),
                        window.after().dimensions()),
                Attributes.none(),
                plan.engine(),
                forward);
        Tensor outputs = plan.arranged(gradient, description.diff_dst_desc());
        Tensor weights = plan.arranged(plainWeights, description.weights_desc());
        Tensor target = tape.allocate(description.diff_src_desc());
        tape.step(
                description,
                new convolution_backward_data(description),
                Map.of(
                        dnnl.DNNL_ARG_DIFF_DST,
                        tape.view(outputs),
                        dnnl.DNNL_ARG_WEIGHTS,
                        tape.view(weights),
                        dnnl.DNNL_ARG_DIFF_SRC,
                        tape.view(target)));
        return target;
    }
}
