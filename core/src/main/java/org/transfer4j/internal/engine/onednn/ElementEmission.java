package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.javacpp.FloatPointer;
import org.transfer4j.internal.engine.onednn.Operation.Binary;
import org.transfer4j.internal.engine.onednn.Operation.Dropout;
import org.transfer4j.internal.engine.onednn.Operation.Elementwise;
import org.transfer4j.internal.engine.onednn.Operation.Linear;
import org.transfer4j.internal.engine.onednn.Operation.OfOne;
import org.transfer4j.internal.engine.onednn.Operation.Power;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.thread.Workers;

/** What becomes of each number by itself: functions of one, sums and products of two, and what dropout drops. */
final class ElementEmission {
    private ElementEmission() {}

    static void emit(Elementwise elementwise, PlanBuilder plan) {
        emit(elementwise, Formula.of(elementwise.activation()), plan);
    }

    static void emit(Power power, PlanBuilder plan) {
        emit(power, new Formula(dnnl.dnnl_eltwise_pow, 0, power.factor(), power.exponent()), plan);
    }

    /** What no primitive before it could take along. */
    private static void emit(OfOne operation, Formula formula, PlanBuilder plan) {
        Tensor read = plan.tensor(operation.input());
        eltwise_forward.primitive_desc description =
                plan.inTypeOf(read, (layout, type) -> formula.describe(plan, layout, formula.algorithm()));
        Tensor source = plan.arranged(read, description.src_desc());
        Tensor target = plan.tape().result(description, new eltwise_forward(description), source);
        plan.define(operation.output(), target);
        plan.backward(operation, gradient -> inputGradient(formula, plan, gradient, source, target));
    }

    static void emit(Linear linear, PlanBuilder plan) {
        plan.define(linear.output(), linear(plan, plan.tensor(linear.input()), linear.factor(), linear.summand()));
        plan.backward(linear, gradient -> linear(plan, gradient, linear.factor(), 0));
    }

    /** All numbers times a factor, and a summand added, in the layout that they have. */
    static Tensor linear(PlanBuilder plan, Tensor read, float factor, float summand) {
        eltwise_forward.primitive_desc description = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(
                        dnnl.dnnl_forward_inference, dnnl.dnnl_eltwise_linear, read.layout(), factor, summand),
                Descriptions.noAttributes(),
                plan.engine());
        return plan.tape().result(description, new eltwise_forward(description), read);
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
                Descriptions.noAttributes(),
                plan.engine(),
                formula.describe(plan, known.layout(), algorithm));
        return plan.tape()
                .inputGradient(
                        description,
                        new eltwise_backward(description),
                        Map.of(
                                byOutput ? dnnl.DNNL_ARG_DST : dnnl.DNNL_ARG_SRC,
                                known,
                                dnnl.DNNL_ARG_DIFF_DST,
                                arranged),
                        null);
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
                    Descriptions.noAttributes(),
                    plan.engine());
        }
    }

    /** A sum that no convolution could take along, or a product; the right one may have one number for each channel. */
    static void emit(Binary operation, PlanBuilder plan) {
        Tensor left = plan.tensor(operation.left());
        Tensor right = plan.tensor(operation.right());
        Tensor target = combined(
                plan, algorithm(operation.kind()), left, right, Descriptions.attributes(false, operation.activation()));
        plan.define(operation.output(), target);
        plan.backward(
                operation,
                (gradient, wanted) -> wanted ? inputGradients(operation, plan, gradient, left, right) : List.of());
    }

    private static int algorithm(Op.Binary.Kind kind) {
        return switch (kind) {
            case SUM -> dnnl.dnnl_binary_add;
            case PRODUCT -> dnnl.dnnl_binary_mul;
            case DIFFERENCE -> dnnl.dnnl_binary_sub;
            case MAXIMUM -> dnnl.dnnl_binary_max;
        };
    }

    private static List<Tensor> inputGradients(
            Binary operation, PlanBuilder plan, Tensor gradient, Tensor left, Tensor right) {
        boolean repeated = !Arrays.equals(left.dimensions(), right.dimensions());
        List<Tensor> gradients = switch (operation.kind()) {
            case SUM -> List.of(gradient, gradient);
            case DIFFERENCE -> List.of(gradient, linear(plan, gradient, -1, 0));
            case PRODUCT -> List.of(product(plan, gradient, right), product(plan, gradient, left));
            case MAXIMUM -> {
                // 1 where the left one is, or where both are
                Tensor taken = combined(plan, dnnl.dnnl_binary_ge, left, right, Descriptions.noAttributes());
                Tensor ofLeft = product(plan, gradient, taken);
                yield List.of(
                        ofLeft, combined(plan, dnnl.dnnl_binary_sub, gradient, ofLeft, Descriptions.noAttributes()));
            }
        };
        return repeated ? List.of(gradients.get(0), summed(plan, gradients.get(1))) : gradients;
    }

    /** The product of two tensors; the second may have one number for each channel. */
    static Tensor product(PlanBuilder plan, Tensor left, Tensor right) {
        return combined(plan, dnnl.dnnl_binary_mul, left, right, Descriptions.noAttributes());
    }

    /** The sum of two tensors of one shape, in the layout of the first. */
    static Tensor sum(PlanBuilder plan, Tensor left, Tensor right) {
        return combined(plan, dnnl.dnnl_binary_add, left, right, Descriptions.noAttributes());
    }

    private static Tensor combined(
            PlanBuilder plan, int algorithm, Tensor left, Tensor right, primitive_attr attributes) {
        binary.primitive_desc description = plan.inTypeOf(
                left,
                (layout, type) -> Descriptions.firstSupported(ways(plan, algorithm, layout, right, type, attributes)));
        Tensor first = plan.arranged(left, description.src_desc(0));
        Tensor second = plan.arranged(right, description.src_desc(1));
        Map<Integer, Tensor> read = Map.of(dnnl.DNNL_ARG_SRC_0, first, dnnl.DNNL_ARG_SRC_1, second);
        return plan.tape().result(description, new binary(description), read, null);
    }

    /** One number for each channel has to lie as the image does, which a desc of a single pixel does not always say. */
    private static List<Supplier<binary.primitive_desc>> ways(
            PlanBuilder plan,
            int algorithm,
            memory.desc left,
            Tensor right,
            memory.data_type type,
            primitive_attr attributes) {
        if (Arrays.equals(Tensor.dimensions(left), right.dimensions())) {
            return List.of(() -> describe(plan, algorithm, left, left, attributes));
        }
        List<Supplier<binary.primitive_desc>> ways = new ArrayList<>();
        ways.add(() -> describe(plan, algorithm, left, Descriptions.retyped(right.layout(), type), attributes));
        for (memory.format_tag order : Descriptions.ORDERS) {
            ways.add(() ->
                    describe(plan, algorithm, left, new memory.desc(right.dimensions(), type, order), attributes));
        }
        return ways;
    }

    private static binary.primitive_desc describe(
            PlanBuilder plan, int algorithm, memory.desc left, memory.desc right, primitive_attr attributes) {
        return new binary.primitive_desc(new binary.desc(algorithm, left, right, left), attributes, plan.engine());
    }

    /** The sum of each channel: oneDNN's means are many times faster than its sums. */
    private static Tensor summed(PlanBuilder plan, Tensor image) {
        long[] dimensions = image.dimensions();
        return linear(plan, PoolingEmission.mean(plan, image), (float) dimensions[2] * dimensions[3], 0);
    }

    /** A product with a mask that is drawn anew for each step, whatever the layout of what it drops from. */
    static void emit(Dropout dropout, PlanBuilder plan) {
        Tensor read = plan.tensor(dropout.input());
        if (!plan.isTraining()) {
            plan.define(dropout.output(), read);
            plan.backward(dropout, gradient -> gradient);
            return;
        }
        long[] dimensions = plan.dimensions(dropout.input());
        memory.desc layout =
                Descriptions.plain(dropout.channels() ? new long[] {dimensions[0], dimensions[1], 1, 1} : dimensions);
        FloatPointer place = new FloatPointer(plan.tape().memory(layout, "what dropout keeps"));
        int images = Math.toIntExact(dimensions[0]);
        int row = Math.toIntExact(layout.get_size() / Float.BYTES / images);
        int firstImage = plan.tape().firstImage();
        plan.tape().beforeForward(step -> {
            DropoutMask mask = dropout.masks().apply(step);
            Workers.run(images, image -> {
                float[] kept = new float[row];
                Arrays.fill(kept, 1);
                mask.apply(firstImage + image, kept);
                place.getPointer((long) image * row).put(kept);
            });
        });
        Tensor mask = plan.tape().fixed(layout, place);
        plan.define(dropout.output(), product(plan, read, mask));
        plan.backward(dropout, gradient -> product(plan, gradient, mask));
    }
}
