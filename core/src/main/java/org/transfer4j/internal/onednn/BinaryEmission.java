package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.onednn.Operation.Binary;

/** A sum that no convolution could take along, or a product. */
final class BinaryEmission {
    private BinaryEmission() {}

    static void emit(Binary operation, PlanBuilder plan) {
        Tensor leftTensor = plan.tensor(operation.left());
        Tensor rightTensor = plan.tensor(operation.right());
        binary.primitive_desc description =
                plan.inTypeOf(leftTensor, (layout, type) -> describe(operation, plan, layout, rightTensor, type));
        Tensor left = plan.arranged(leftTensor, description.src_desc(0));
        Tensor right = plan.arranged(rightTensor, description.src_desc(1));
        Tensor target = plan.allocate(description.dst_desc());
        plan.step(
                description,
                new binary(description),
                Map.of(
                        dnnl.DNNL_ARG_SRC_0,
                        plan.view(left),
                        dnnl.DNNL_ARG_SRC_1,
                        plan.view(right),
                        dnnl.DNNL_ARG_DST,
                        plan.view(target)));
        plan.define(operation.output(), target);
    }

    private static binary.primitive_desc describe(
            Binary operation, PlanBuilder plan, memory.desc left, Tensor right, memory.data_type type) {
        if (operation.left().shape().equals(operation.right().shape())) {
            return describe(operation, plan, left, left, type);
        }
        List<Supplier<binary.primitive_desc>> ways = new ArrayList<>();
        ways.add(() -> describe(operation, plan, left, Layouts.retyped(right.layout(), type), type));
        // one number for each channel has to lie as the image does, which a desc of a single pixel does not always say
        for (memory.format_tag order : Layouts.ORDERS) {
            memory.desc reordered = new memory.desc(plan.dimensions(operation.right()), type, order);
            ways.add(() -> describe(operation, plan, left, reordered, type));
        }
        return FirstSupported.of(ways);
    }

    private static binary.primitive_desc describe(
            Binary operation, PlanBuilder plan, memory.desc left, memory.desc right, memory.data_type type) {
        binary.desc description = new binary.desc(
                algorithm(operation.kind()), left, right, Layouts.any(plan.dimensions(operation.output()), type));
        return new binary.primitive_desc(description, Attributes.of(false, operation.activation()), plan.engine());
    }

    private static int algorithm(Op.Binary.Kind kind) {
        return switch (kind) {
            case SUM -> dnnl.dnnl_binary_add;
            case PRODUCT -> dnnl.dnnl_binary_mul;
            case DIFFERENCE, MAXIMUM -> throw new IllegalArgumentException("not lowered: " + kind);
        };
    }
}
