package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.LearnedConvolution;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/** Convolution, bias, sum and activation in one primitive. */
final class ConvolutionEmission {
    /** As many floats as fill a register of AVX-512. */
    private static final int CHANNEL_BLOCK = 16;

    /**
     * The order of values in what a convolution reads and writes with AVX-512. Left to itself, oneDNN puts the channels last
     * where it computes in floats, and Winograd's algorithm still wants blocks: it converts before and after each such
     * convolution.
     */
    private static final memory.format_tag BLOCKS = memory.format_tag.nChw16c;

    private static final memory.format_tag ANY = memory.format_tag.any;

    private ConvolutionEmission() {}

    static void emit(Convolution convolution, PlanBuilder plan) {
        convolution_forward.primitive_desc description = describe(convolution, plan);
        Tensor source = plan.arranged(plan.tensor(convolution.input()), description.src_desc());
        Value addend = convolution.addend();
        Tensor target = addend == null
                ? plan.tape().allocate(description.dst_desc())
                : plan.accumulator(addend, description.dst_desc(), source.region());
        Filter filter = convolution.filter();
        memory weights = plan.weights().weights(filter, description.weights_desc());
        plan.tape()
                .step(
                        description,
                        new convolution_forward(description),
                        Map.of(dnnl.DNNL_ARG_SRC, source, dnnl.DNNL_ARG_DST, target),
                        Map.of(
                                dnnl.DNNL_ARG_WEIGHTS,
                                weights,
                                dnnl.DNNL_ARG_BIAS,
                                plan.weights().bias(filter)));
        plan.define(convolution.output(), target);
    }

    static void emit(LearnedConvolution convolution, PlanBuilder plan) {
        new Learned(convolution, plan).emit();
    }

    private static convolution_forward.primitive_desc describe(Convolution convolution, PlanBuilder plan) {
        List<Supplier<convolution_forward.primitive_desc>> ways = new ArrayList<>();
        if (plan.type() != memory.data_type.f32) {
            ways.add(() -> describe(convolution, plan, Algorithm.DIRECT, ANY, plan.type()));
        }
        List<memory.format_tag> orders =
                plan.instructionSet().includes(InstructionSet.AVX512) ? List.of(BLOCKS, ANY) : List.of(ANY);
        for (memory.format_tag order : orders) {
            ways.add(() -> describe(convolution, plan, plan.algorithm(convolution), order, memory.data_type.f32));
            ways.add(() -> describe(convolution, plan, Algorithm.DIRECT, order, memory.data_type.f32));
        }
        return Descriptions.firstSupported(ways);
    }

    private static convolution_forward.primitive_desc describe(
            Convolution convolution,
            PlanBuilder plan,
            Algorithm algorithm,
            memory.format_tag order,
            memory.data_type type) {
        Filter filter = convolution.filter();
        Window window = convolution.window();
        convolution_forward.desc operation = new convolution_forward.desc(
                dnnl.dnnl_forward_inference,
                constant(algorithm),
                isPlain(convolution, plan, algorithm, order)
                        ? Descriptions.plain(plan.dimensions(convolution.input()))
                        : new memory.desc(plan.dimensions(convolution.input()), type, order),
                Descriptions.any(filter.dimensions(), type),
                Descriptions.vector(filter.outputs()),
                new memory.desc(plan.dimensions(convolution.output()), type, order),
                window.stride().dimensions(),
                Descriptions.gaps(window),
                window.before().dimensions(),
                window.after().dimensions());
        primitive_attr attributes = Descriptions.attributes(convolution.addend() != null, convolution.activation());
        return new convolution_forward.primitive_desc(operation, attributes, plan.engine());
    }

    private static int constant(Algorithm algorithm) {
        return switch (algorithm) {
            case DIRECT -> dnnl.dnnl_convolution_direct;
            case WINOGRAD -> dnnl.dnnl_convolution_winograd;
        };
    }

    /**
     * Whether the image is read as it is. Left to itself, oneDNN computes the first layer of an AVX-512 machine with the
     * channels last, and the next layer wants them in blocks of 16: at 224x224 the conversion takes twice as long as the
     * layer. Told to read the image as it is, it writes the blocks at once.
     */
    private static boolean isPlain(
            Convolution convolution, PlanBuilder plan, Algorithm algorithm, memory.format_tag order) {
        Value input = convolution.input();
        return order == BLOCKS
                && plan.isInput(input)
                && input.shape().channels() < CHANNEL_BLOCK
                && convolution.filter().groups() == 1
                && algorithm == Algorithm.DIRECT;
    }

    /** A convolution whose weights are learned, bias and ReLU in one primitive, and its two backward passes. */
    private static final class Learned {
        private static final int DIRECT = dnnl.dnnl_convolution_direct;

        private final LearnedConvolution convolution;
        private final Filter.Learned filter;
        private final PlanBuilder plan;
        private final Tape tape;

        private Learned(LearnedConvolution convolution, PlanBuilder plan) {
            this.convolution = convolution;
            this.filter = convolution.filter();
            this.plan = plan;
            this.tape = plan.tape();
        }

        private void emit() {
            convolution_forward.primitive_desc description = forward();
            Tensor source = plan.arranged(plan.tensor(convolution.input()), description.src_desc());
            Tensor plainWeights = tape.fixed(filter.layout(), filter.weights());
            Tensor arrangedWeights = plan.arranged(plainWeights, description.weights_desc());
            Map<Integer, Tensor> read = new HashMap<>();
            read.put(dnnl.DNNL_ARG_SRC, source);
            read.put(dnnl.DNNL_ARG_WEIGHTS, arrangedWeights);
            INDArray bias = filter.bias();
            if (bias != null) {
                read.put(dnnl.DNNL_ARG_BIAS, tape.fixed(Descriptions.vector(bias.length()), bias));
            }
            Tensor output = tape.result(description, new convolution_forward(description), read, null);
            plan.define(convolution.output(), output);
            plan.backward(convolution, (gradient, wanted) -> {
                Tensor masked = convolution.rectified() && !convolution.gradientMasked()
                        ? ElementEmission.rectifiedGradient(plan, gradient, output)
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
                    Descriptions.gaps(window),
                    window.before().dimensions(),
                    window.after().dimensions());
            Activation activation =
                    convolution.rectified() ? Activation.of(Activation.Function.RELU) : Activation.IDENTITY;
            return new convolution_forward.primitive_desc(
                    description, Descriptions.attributes(false, activation), plan.engine());
        }

        private memory.desc any(long[] dimensions) {
            return Descriptions.any(dimensions, plan.type());
        }

        private memory.desc inputs() {
            return any(plan.dimensions(convolution.input()));
        }

        private memory.desc outputs() {
            return any(plan.dimensions(convolution.output()));
        }

        /** An empty description says that there is none. */
        private memory.desc biasLayout() {
            return filter.bias() == null ? new memory.desc() : Descriptions.vector(filter.outputs());
        }

        private void weightGradients(
                convolution_forward.primitive_desc forward, Tensor source, Tensor plainWeights, Tensor gradient) {
            Window window = convolution.window();
            convolution_backward_weights.primitive_desc description = new convolution_backward_weights.primitive_desc(
                    new convolution_backward_weights.desc(
                            DIRECT,
                            inputs(),
                            Descriptions.any(filter.dimensions(), memory.data_type.f32),
                            biasLayout(),
                            outputs(),
                            window.stride().dimensions(),
                            Descriptions.gaps(window),
                            window.before().dimensions(),
                            window.after().dimensions()),
                    Descriptions.noAttributes(),
                    plan.engine(),
                    forward);
            Tensor inputs = plan.arranged(source, description.src_desc());
            Tensor outputs = plan.arranged(gradient, description.diff_dst_desc());
            Tensor weights =
                    tape.gradient(description.diff_weights_desc(), plainWeights.layout(), filter.weightsGradient());
            Map<Integer, Tensor> arguments = new HashMap<>();
            arguments.put(dnnl.DNNL_ARG_SRC, inputs);
            arguments.put(dnnl.DNNL_ARG_DIFF_DST, outputs);
            arguments.put(dnnl.DNNL_ARG_DIFF_WEIGHTS, weights);
            INDArray biasGradient = filter.biasGradient();
            if (biasGradient == null) {
                tape.step(description, new convolution_backward_weights(description), arguments);
            } else {
                memory.desc vector = Descriptions.vector(biasGradient.length());
                Tensor bias = tape.gradient(vector, vector, biasGradient);
                arguments.put(dnnl.DNNL_ARG_DIFF_BIAS, bias);
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
                            Descriptions.gaps(window),
                            window.before().dimensions(),
                            window.after().dimensions()),
                    Descriptions.noAttributes(),
                    plan.engine(),
                    forward);
            Tensor outputs = plan.arranged(gradient, description.diff_dst_desc());
            Tensor weights = plan.arranged(plainWeights, description.weights_desc());
            Map<Integer, Tensor> read = Map.of(dnnl.DNNL_ARG_DIFF_DST, outputs, dnnl.DNNL_ARG_WEIGHTS, weights);
            return tape.inputGradient(description, new convolution_backward_data(description), read, null);
        }
    }
}
