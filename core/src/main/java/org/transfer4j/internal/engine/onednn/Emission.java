package org.transfer4j.internal.engine.onednn;

import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.resampling_backward;
import org.bytedeco.dnnl.resampling_forward;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.engine.onednn.Operation.Binary;
import org.transfer4j.internal.engine.onednn.Operation.ChannelMean;
import org.transfer4j.internal.engine.onednn.Operation.Concatenation;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Dropout;
import org.transfer4j.internal.engine.onednn.Operation.Elementwise;
import org.transfer4j.internal.engine.onednn.Operation.LearnedConvolution;
import org.transfer4j.internal.engine.onednn.Operation.LearnedNormalization;
import org.transfer4j.internal.engine.onednn.Operation.Linear;
import org.transfer4j.internal.engine.onednn.Operation.Padding;
import org.transfer4j.internal.engine.onednn.Operation.Pooling;
import org.transfer4j.internal.engine.onednn.Operation.Power;
import org.transfer4j.internal.engine.onednn.Operation.Reshape;
import org.transfer4j.internal.engine.onednn.Operation.Slice;
import org.transfer4j.internal.engine.onednn.Operation.Upsampling;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;

/** Turns an operation into steps of a plan. */
final class Emission {
    private Emission() {}

    static void emit(Operation operation, PlanBuilder plan) {
        if (operation instanceof Convolution convolution) {
            ConvolutionEmission.emit(convolution, plan);
        } else if (operation instanceof LearnedConvolution convolution) {
            LearnedConvolutionEmission.emit(convolution, plan);
        } else if (operation instanceof LearnedNormalization normalization) {
            NormalizationEmission.emit(normalization, plan);
        } else if (operation instanceof Pooling pooling) {
            emit(pooling, plan);
        } else if (operation instanceof Elementwise elementwise) {
            emit(elementwise, Formula.of(elementwise.activation()), plan);
        } else if (operation instanceof Power power) {
            emit(power, new Formula(dnnl.dnnl_eltwise_pow, 0, power.factor(), power.exponent()), plan);
        } else if (operation instanceof ChannelMean mean) {
            ChannelMeanEmission.emit(mean, plan);
        } else if (operation instanceof Linear linear) {
            emit(linear, plan);
        } else if (operation instanceof Binary binary) {
            BinaryEmission.emit(binary, plan);
        } else if (operation instanceof Concatenation concatenation) {
            ConcatenationEmission.emit(concatenation, plan);
        } else if (operation instanceof Padding padding) {
            emit(padding, plan);
        } else if (operation instanceof Upsampling upsampling) {
            emit(upsampling, plan);
        } else if (operation instanceof Reshape reshape) {
            emit(reshape, plan);
        } else if (operation instanceof Slice slice) {
            emit(slice, plan);
        } else if (operation instanceof Dropout dropout) {
            DropoutEmission.emit(dropout, plan);
        } else {
            throw new IllegalStateException("has no primitive of its own, fuse the program first: "
                    + operation.getClass().getSimpleName());
        }
    }

    /**
     * What becomes of each number.
     *
     * @param algorithm one of the {@code dnnl_eltwise_} constants
     * @param byOutput that of the same function for a gradient that follows from the output alone, so that the input needs no
     *     memory; 0 where there is none
     */
    private record Formula(int algorithm, int byOutput, float alpha, float beta) {
        static Formula of(Activation activation) {
            int byOutput = switch (activation.function()) {
                case RELU -> activation.alpha() == 0 ? dnnl.dnnl_eltwise_relu_use_dst_for_bwd : 0;
                // zero at the limits, as in DL4J
                case CLIP -> dnnl.dnnl_eltwise_clip_v2_use_dst_for_bwd;
                case SIGMOID -> dnnl.dnnl_eltwise_logistic_use_dst_for_bwd;
                case TANH -> dnnl.dnnl_eltwise_tanh_use_dst_for_bwd;
                default -> 0;
            };
            return new Formula(
                    activation.function().oneDnn(), byOutput, (float) activation.alpha(), (float) activation.beta());
        }

        eltwise_forward.primitive_desc describe(PlanBuilder plan, memory.desc layout, int by) {
            return new eltwise_forward.primitive_desc(
                    new eltwise_forward.desc(plan.forward(), by, layout, alpha, beta),
                    Attributes.none(),
                    plan.engine());
        }
    }

    /** What no primitive before it could take along. */
    private static void emit(Operation.OfOne operation, Formula formula, PlanBuilder plan) {
        Tensor read = plan.tensor(operation.input());
        eltwise_forward.primitive_desc description =
                plan.inTypeOf(read, (layout, type) -> formula.describe(plan, layout, formula.algorithm()));
        Tensor source = plan.arranged(read, description.src_desc());
        Tensor target = step(plan, description, new eltwise_forward(description), source);
        plan.define(operation.output(), target);
        plan.backward(operation, gradient -> inputGradient(formula, plan, gradient, source, target));
    }

    private static void emit(Linear linear, PlanBuilder plan) {
        plan.define(linear.output(), linear(plan, plan.tensor(linear.input()), linear.factor(), linear.summand()));
        plan.backward(linear, gradient -> linear(plan, gradient, linear.factor(), 0));
    }

    /** All numbers times a factor, and a summand added, in the layout that they have. */
    static Tensor linear(PlanBuilder plan, Tensor read, float factor, float summand) {
        eltwise_forward.primitive_desc description = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(
                        dnnl.dnnl_forward_inference, dnnl.dnnl_eltwise_linear, read.layout(), factor, summand),
                Attributes.none(),
                plan.engine());
        return step(plan, description, new eltwise_forward(description), read);
    }

    /** The gradient of ReLU's input, from its output. */
    static Tensor rectifiedGradient(PlanBuilder plan, Tensor gradient, Tensor output) {
        return inputGradient(Formula.of(Activation.of(Activation.Function.RELU)), plan, gradient, output, output);
    }

    /** The gradient of the input, from the output where that says enough. */
    private static Tensor inputGradient(
            Formula formula, PlanBuilder plan, Tensor gradient, Tensor input, Tensor output) {
        boolean byOutput = formula.byOutput() != 0;
        Tensor known = byOutput ? output : input;
        int algorithm = byOutput ? formula.byOutput() : formula.algorithm();
        Tensor arranged = plan.arranged(gradient, known.layout());
        eltwise_backward.primitive_desc description = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(algorithm, known.layout(), known.layout(), formula.alpha(), formula.beta()),
                Attributes.none(),
                plan.engine(),
                formula.describe(plan, known.layout(), algorithm));
        Tape tape = plan.tape();
        Tensor inputGradient = tape.allocate(description.diff_src_desc());
        tape.step(
                description,
                new eltwise_backward(description),
                Map.of(
                        byOutput ? dnnl.DNNL_ARG_DST : dnnl.DNNL_ARG_SRC,
                        tape.view(known),
                        dnnl.DNNL_ARG_DIFF_DST,
                        tape.view(arranged),
                        dnnl.DNNL_ARG_DIFF_SRC,
                        tape.view(inputGradient)));
        return inputGradient;
    }

    /** Pooling in the layout of its input. */
    private static void emit(Pooling pooling, PlanBuilder plan) {
        Tensor read = plan.tensor(pooling.input());
        pooling_forward.primitive_desc description =
                plan.inTypeOf(read, (layout, type) -> describe(pooling, plan, layout, type));
        Tensor source = plan.arranged(read, description.src_desc());
        Tape tape = plan.tape();
        Tensor target = tape.allocate(description.dst_desc());
        Tensor positions = plan.notes(description.workspace_desc());
        tape.step(
                description,
                new pooling_forward(description),
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(source), dnnl.DNNL_ARG_DST, tape.view(target)),
                positions);
        plan.define(pooling.output(), target);
        plan.backward(
                pooling, gradient -> inputGradient(pooling, plan, description, gradient, source, target, positions));
    }

    private static pooling_forward.primitive_desc describe(
            Pooling pooling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        Window window = pooling.window();
        pooling_forward.desc operation = new pooling_forward.desc(
                plan.forward(),
                algorithm(pooling.kind()),
                source,
                Layouts.any(plan.dimensions(pooling.output()), type),
                window.stride().dimensions(),
                window.kernel().dimensions(),
                window.before().dimensions(),
                window.after().dimensions());
        return new pooling_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }

    private static int algorithm(Op.Pooling.Kind kind) {
        return switch (kind) {
            case MAXIMUM -> dnnl.dnnl_pooling_max;
            case MEAN_WITH_PADDING -> dnnl.dnnl_pooling_avg_include_padding;
            case MEAN_WITHOUT_PADDING -> dnnl.dnnl_pooling_avg_exclude_padding;
        };
    }

    private static Tensor inputGradient(
            Pooling pooling,
            PlanBuilder plan,
            pooling_forward.primitive_desc forward,
            Tensor gradient,
            Tensor input,
            Tensor output,
            @Nullable Tensor positions) {
        Window window = pooling.window();
        pooling_backward.primitive_desc description = new pooling_backward.primitive_desc(
                new pooling_backward.desc(
                        algorithm(pooling.kind()),
                        input.layout(),
                        output.layout(),
                        window.stride().dimensions(),
                        window.kernel().dimensions(),
                        window.before().dimensions(),
                        window.after().dimensions()),
                Attributes.none(),
                plan.engine(),
                forward);
        Tensor masked = pooling.masksGradient() ? rectifiedGradient(plan, gradient, output) : gradient;
        return stepBack(plan, description, new pooling_backward(description), masked, positions);
    }

    /** The nearest pixel, in the layout of the input. */
    private static void emit(Upsampling upsampling, PlanBuilder plan) {
        Tensor read = plan.tensor(upsampling.input());
        resampling_forward.primitive_desc description =
                plan.inTypeOf(read, (layout, type) -> describe(upsampling, plan, layout, type));
        Tensor source = plan.arranged(read, description.src_desc());
        Tensor target = step(plan, description, new resampling_forward(description), source);
        plan.define(upsampling.output(), target);
        plan.backward(upsampling, gradient -> inputGradient(plan, description, gradient, source, target));
    }

    /** The sum of what comes from each copy of a pixel. */
    private static Tensor inputGradient(
            PlanBuilder plan, resampling_forward.primitive_desc forward, Tensor gradient, Tensor input, Tensor output) {
        resampling_backward.primitive_desc description = new resampling_backward.primitive_desc(
                new resampling_backward.desc(dnnl.dnnl_resampling_nearest, input.layout(), output.layout()),
                Attributes.none(),
                plan.engine(),
                forward);
        return stepBack(plan, description, new resampling_backward(description), gradient, null);
    }

    private static resampling_forward.primitive_desc describe(
            Upsampling upsampling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        resampling_forward.desc operation = new resampling_forward.desc(
                plan.forward(),
                dnnl.dnnl_resampling_nearest,
                (float[]) null,
                source,
                Layouts.any(plan.dimensions(upsampling.output()), type));
        return new resampling_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }

    /** A copy into the middle of zeros, of a padding that no window takes along. */
    private static void emit(Padding padding, PlanBuilder plan) {
        Tensor read = plan.tensor(padding.input());
        long[] corner = {0, 0, padding.before().height(), padding.before().width()};
        Tensor target = plan.tape().zeros(plan.dimensions(padding.output()), read);
        plan.tape().copy(read, plan.tape().part(target, read.dimensions(), corner));
        plan.define(padding.output(), target);
        plan.backward(padding, gradient -> plan.tape().part(gradient, corner, read));
    }

    /** A copy of some channels; its gradient is zero for all others. */
    private static void emit(Slice slice, PlanBuilder plan) {
        Tensor read = plan.tensor(slice.input());
        long[] dimensions = plan.dimensions(slice.output());
        long[] corner = {0, slice.first(), 0, 0};
        plan.define(slice.output(), plan.tape().part(read, dimensions, corner, read.plainly(dimensions)));
        plan.backward(slice, gradient -> {
            Tensor whole = plan.tape().zeros(read.dimensions(), gradient);
            plan.tape().copy(gradient, plan.tape().part(whole, dimensions, corner));
            return whole;
        });
    }

    private static void emit(Reshape reshape, PlanBuilder plan) {
        Tape tape = plan.tape();
        plan.define(reshape.output(), tape.reshaped(plan.tensor(reshape.input()), plan.dimensions(reshape.output())));
        plan.backward(reshape, gradient -> tape.reshaped(gradient, plan.dimensions(reshape.input())));
    }

    /** The mean of each channel, as an image of one pixel, in the type of the image. */
    static Tensor mean(PlanBuilder plan, Tensor image) {
        long[] dimensions = image.dimensions();
        long[] none = {0, 0};
        pooling_forward.primitive_desc means = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        dnnl.dnnl_forward_inference,
                        dnnl.dnnl_pooling_avg_exclude_padding,
                        image.layout(),
                        Layouts.any(
                                new long[] {dimensions[0], dimensions[1], 1, 1},
                                image.layout().data_type()),
                        new long[] {1, 1},
                        new long[] {dimensions[2], dimensions[3]},
                        none,
                        none),
                Attributes.none(),
                plan.engine());
        return step(plan, means, new pooling_forward(means), image);
    }

    /** What a primitive makes of one value. */
    static Tensor step(PlanBuilder plan, primitive_desc_base description, primitive computation, Tensor source) {
        Tape tape = plan.tape();
        Tensor target = tape.allocate(description.dst_desc());
        tape.step(
                description,
                computation,
                Map.of(dnnl.DNNL_ARG_SRC, tape.view(source), dnnl.DNNL_ARG_DST, tape.view(target)));
        return target;
    }

    /** What a primitive's backward pass makes of the gradient of its result, and of what it noted. */
    private static Tensor stepBack(
            PlanBuilder plan,
            primitive_desc_base description,
            primitive computation,
            Tensor gradient,
            @Nullable Tensor notes) {
        Tensor arranged = plan.arranged(gradient, description.diff_dst_desc());
        Tape tape = plan.tape();
        Tensor inputGradient = tape.allocate(description.diff_src_desc());
        tape.step(
                description,
                computation,
                Map.of(dnnl.DNNL_ARG_DIFF_DST, tape.view(arranged), dnnl.DNNL_ARG_DIFF_SRC, tape.view(inputGradient)),
                notes);
        return inputGradient;
    }
}
