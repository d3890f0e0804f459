package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.resampling_forward;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.onednn.Operation.Binary;
import org.transfer4j.internal.onednn.Operation.Concatenation;
import org.transfer4j.internal.onednn.Operation.Convolution;
import org.transfer4j.internal.onednn.Operation.Elementwise;
import org.transfer4j.internal.onednn.Operation.Pooling;
import org.transfer4j.internal.onednn.Operation.Upsampling;

/** Turns an operation into steps of a plan. */
final class Emission {
    private static final int CHANNELS = 1;

    private Emission() {}

    static void emit(Operation operation, PlanBuilder plan) {
        if (operation instanceof Convolution convolution) {
            ConvolutionEmission.emit(convolution, plan);
        } else if (operation instanceof Pooling pooling) {
            emit(pooling, plan);
        } else if (operation instanceof Elementwise elementwise) {
            emit(elementwise, plan);
        } else if (operation instanceof Binary binary) {
            emit(binary, plan);
        } else if (operation instanceof Concatenation concatenation) {
            emit(concatenation, plan);
        } else if (operation instanceof Upsampling upsampling) {
            emit(upsampling, plan);
        } else {
            throw new IllegalStateException("has no primitive of its own, fuse the program first: " + operation);
        }
    }

    /** A primitive that reads one value. */
    private static void single(
            Operation operation,
            PlanBuilder plan,
            primitive_desc_base description,
            primitive computation,
            memory.desc read,
            memory.desc written) {
        Tensor source = plan.arranged(plan.tensor(operation.inputs().get(0)), read);
        Tensor target = plan.tape().allocate(written);
        plan.tape()
                .step(
                        description,
                        computation,
                        Map.of(
                                dnnl.DNNL_ARG_SRC,
                                plan.tape().view(source),
                                dnnl.DNNL_ARG_DST,
                                plan.tape().view(target)));
        plan.define(operation.output(), target);
    }

    /** An activation that no primitive before it could take along. */
    private static void emit(Elementwise elementwise, PlanBuilder plan) {
        eltwise_forward.primitive_desc description =
                plan.inTypeOf(plan.tensor(elementwise.input()), (layout, type) -> describe(elementwise, plan, layout));
        single(
                elementwise,
                plan,
                description,
                new eltwise_forward(description),
                description.src_desc(),
                description.dst_desc());
    }

    private static eltwise_forward.primitive_desc describe(
            Elementwise elementwise, PlanBuilder plan, memory.desc source) {
        Activation activation = elementwise.activation();
        eltwise_forward.desc operation = new eltwise_forward.desc(
                dnnl.dnnl_forward_inference, activation.function().oneDnn(), source, (float) activation.alpha(), (float)
                        activation.beta());
        return new eltwise_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }

    /** Pooling in the layout of its input. */
    private static void emit(Pooling pooling, PlanBuilder plan) {
        pooling_forward.primitive_desc description =
                plan.inTypeOf(plan.tensor(pooling.input()), (layout, type) -> describe(pooling, plan, layout, type));
        single(
                pooling,
                plan,
                description,
                new pooling_forward(description),
                description.src_desc(),
                description.dst_desc());
    }

    private static pooling_forward.primitive_desc describe(
            Pooling pooling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        Window window = pooling.window();
        pooling_forward.desc operation = new pooling_forward.desc(
                dnnl.dnnl_forward_inference,
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

    /** The nearest pixel, in the layout of the input. */
    private static void emit(Upsampling upsampling, PlanBuilder plan) {
        resampling_forward.primitive_desc description = plan.inTypeOf(
                plan.tensor(upsampling.input()), (layout, type) -> describe(upsampling, plan, layout, type));
        single(
                upsampling,
                plan,
                description,
                new resampling_forward(description),
                description.src_desc(),
                description.dst_desc());
    }

    private static resampling_forward.primitive_desc describe(
            Upsampling upsampling, PlanBuilder plan, memory.desc source, memory.data_type type) {
        resampling_forward.desc operation = new resampling_forward.desc(
                dnnl.dnnl_forward_inference,
                dnnl.dnnl_resampling_nearest,
                (float[]) null,
                source,
                Layouts.any(plan.dimensions(upsampling.output()), type));
        return new resampling_forward.primitive_desc(operation, Attributes.none(), plan.engine());
    }

    /** A sum that no convolution could take along, or a product. */
    private static void emit(Binary operation, PlanBuilder plan) {
        Tensor leftTensor = plan.tensor(operation.left());
        Tensor rightTensor = plan.tensor(operation.right());
        binary.primitive_desc description =
                plan.inTypeOf(leftTensor, (layout, type) -> describe(operation, plan, layout, rightTensor, type));
        Tensor left = plan.arranged(leftTensor, description.src_desc(0));
        Tensor right = plan.arranged(rightTensor, description.src_desc(1));
        Tensor target = plan.tape().allocate(description.dst_desc());
        plan.tape()
                .step(
                        description,
                        new binary(description),
                        Map.of(
                                dnnl.DNNL_ARG_SRC_0,
                                plan.tape().view(left),
                                dnnl.DNNL_ARG_SRC_1,
                                plan.tape().view(right),
                                dnnl.DNNL_ARG_DST,
                                plan.tape().view(target)));
        plan.define(operation.output(), target);
    }

    private static binary.primitive_desc describe(
            Binary operation, PlanBuilder plan, memory.desc left, Tensor right, memory.data_type type) {
        if (operation.left().shape().equals(operation.right().shape())) {
            return describe(operation, plan, left, left, type);
        }
        List<Supplier<binary.primitive_desc>> ways = new ArrayList<>();
        ways.add(() -> describe(operation, plan, left, Layouts.retyped(right.layout(), type), type));
        // one number for each channel has to lie as the image does, which a desc of a pixel does not always say
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

    /** Channels of several values in one buffer, in their own layout where all have the same. */
    private static void emit(Concatenation concatenation, PlanBuilder plan) {
        List<Tensor> parts = concatenation.parts().stream().map(plan::tensor).toList();
        concat.primitive_desc description = describe(concatenation, plan, parts);
        List<Tensor> sources = new ArrayList<>();
        for (Tensor part : parts) {
            sources.add(plan.arranged(part, description.src_desc(sources.size())));
        }
        // views last: they say which step reads, and copies are steps as well
        Map<Integer, memory> arguments = new HashMap<>();
        for (int i = 0; i < sources.size(); i++) {
            arguments.put(dnnl.DNNL_ARG_MULTIPLE_SRC + i, plan.tape().view(sources.get(i)));
        }
        Tensor target = plan.tape().allocate(description.dst_desc());
        arguments.put(dnnl.DNNL_ARG_DST, plan.tape().view(target));
        plan.tape().step(description, new concat(description), arguments);
        plan.define(concatenation.output(), target);
    }

    /** Whole blocks of channels are copied at once; layouts differ where a part comes from the graph's input. */
    private static concat.primitive_desc describe(Concatenation concatenation, PlanBuilder plan, List<Tensor> parts) {
        memory.data_type type = commonType(parts);
        List<Supplier<concat.primitive_desc>> ways = new ArrayList<>();
        ways.add(() -> describe(
                plan,
                parts.stream().map(part -> Layouts.retyped(part.layout(), type)).toList()));
        for (memory.format_tag order :
                List.of(memory.format_tag.nChw16c, memory.format_tag.nChw8c, memory.format_tag.nchw)) {
            ways.add(() -> describe(
                    plan,
                    concatenation.parts().stream()
                            .map(part -> new memory.desc(plan.dimensions(part), type, order))
                            .toList()));
        }
        return FirstSupported.of(ways);
    }

    private static memory.data_type commonType(List<Tensor> parts) {
        int first = parts.get(0).layout().data().data_type();
        boolean same = parts.stream().allMatch(part -> part.layout().data().data_type() == first);
        return same ? parts.get(0).layout().data_type() : memory.data_type.f32;
    }

    private static concat.primitive_desc describe(PlanBuilder plan, List<memory.desc> sources) {
        memory.desc array = new memory.desc(sources.size());
        for (int i = 0; i < sources.size(); i++) {
            array.getPointer(i).put(sources.get(i));
        }
        return new concat.primitive_desc(CHANNELS, array, plan.engine(), Attributes.none());
    }
}
