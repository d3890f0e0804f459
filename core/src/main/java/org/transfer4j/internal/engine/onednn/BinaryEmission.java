package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.network.Op;

/** A sum that no convolution could take along, or a product; the right one may have one number for each channel. */
final class BinaryEmission {
    private BinaryEmission() {}

    static void emit(Operation.Binary operation, PlanBuilder plan) {
        Tensor left = plan.tensor(operation.left());
        Tensor right = plan.tensor(operation.right());
        Tensor target =
                combined(plan, algorithm(operation.kind()), left, right, Attributes.of(false, operation.activation()));
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
            Operation.Binary operation, PlanBuilder plan, Tensor gradient, Tensor left, Tensor right) {
        boolean repeated = !Arrays.equals(left.dimensions(), right.dimensions());
        List<Tensor> gradients = switch (operation.kind()) {
            case SUM -> List.of(gradient, gradient);
            case DIFFERENCE -> List.of(gradient, Emission.linear(plan, gradient, -1, 0));
            case PRODUCT -> List.of(product(plan, gradient, right), product(plan, gradient, left));
            case MAXIMUM -> {
                // 1 where the left one is, or where both are
                Tensor taken = combined(plan, dnnl.dnnl_binary_ge, left, right, Attributes.none());
                Tensor ofLeft = product(plan, gradient, taken);
                yield List.of(ofLeft, combined(plan, dnnl.dnnl_binary_sub, gradient, ofLeft, Attributes.none()));
            }
        };
        return repeated ? List.of(gradients.get(0), summed(plan, gradients.get(1))) : gradients;
    }

    /** The product of two tensors; the second may have one number for each channel. */
    static Tensor product(PlanBuilder plan, Tensor left, Tensor right) {
        return combined(plan, dnnl.dnnl_binary_mul, left, right, Attributes.none());
    }

    /** The sum of two tensors of one shape, in the layout of the first. */
    static Tensor sum(PlanBuilder plan, Tensor left, Tensor right) {
        return combined(plan, dnnl.dnnl_binary_add, left, right, Attributes.none());
    }

    private static Tensor combined(
            PlanBuilder plan, int algorithm, Tensor left, Tensor right, primitive_attr attributes) {
        binary.primitive_desc description = plan.inTypeOf(
                left, (layout, type) -> FirstSupported.of(ways(plan, algorithm, layout, right, type, attributes)));
        Tensor first = plan.arranged(left, description.src_desc(0));
        Tensor second = plan.arranged(right, description.src_desc(1));
        Tape tape = plan.tape();
        Tensor target = tape.allocate(description.dst_desc());
        tape.step(
                description,
                new binary(description),
                Map.of(
                        dnnl.DNNL_ARG_SRC_0,
                        tape.view(first),
                        dnnl.DNNL_ARG_SRC_1,
                        tape.view(second),
                        dnnl.DNNL_ARG_DST,
                        tape.view(target)));
        return target;
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
        ways.add(() -> describe(plan, algorithm, left, Layouts.retyped(right.layout(), type), attributes));
        for (memory.format_tag order : Layouts.ORDERS) {
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
        return Emission.linear(plan, Emission.mean(plan, image), (float) dimensions[2] * dimensions[3], 0);
    }
}
