package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.engine.onednn.Operation.Concatenation;
import org.transfer4j.internal.engine.onednn.Operation.Padding;
import org.transfer4j.internal.engine.onednn.Operation.Reshape;
import org.transfer4j.internal.engine.onednn.Operation.Slice;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;

/** What is copied as it is: channels of several values side by side, some of them, and images to another place or shape. */
final class CopyEmission {
    private static final int CHANNELS = 1;

    private CopyEmission() {}

    /** Channels of several values in one buffer, in their own layout where all have the same. */
    static void emit(Concatenation concatenation, PlanBuilder plan) {
        List<Tensor> parts = concatenation.parts().stream().map(plan::tensor).toList();
        concat.primitive_desc description = describe(concatenation, plan, parts);
        Map<Integer, Tensor> read = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            read.put(dnnl.DNNL_ARG_MULTIPLE_SRC + i, plan.arranged(parts.get(i), description.src_desc(i)));
        }
        plan.define(concatenation.output(), plan.tape().result(description, new concat(description), read, null));
        plan.backward(concatenation, (gradient, wanted) -> wanted ? inputGradients(plan, gradient, parts) : List.of());
    }

    private static List<Tensor> inputGradients(PlanBuilder plan, Tensor gradient, List<Tensor> parts) {
        List<Tensor> gradients = new ArrayList<>();
        long first = 0;
        for (Tensor part : parts) {
            gradients.add(plan.tape().part(gradient, new long[] {0, first, 0, 0}, part));
            first += part.dimensions()[CHANNELS];
        }
        return gradients;
    }

    /** Whole blocks of channels are copied at once; layouts differ where a part comes from the graph's input. */
    private static concat.primitive_desc describe(Concatenation concatenation, PlanBuilder plan, List<Tensor> parts) {
        memory.data_type type = commonType(parts);
        List<Supplier<concat.primitive_desc>> ways = new ArrayList<>();
        ways.add(() -> describe(
                plan,
                parts.stream()
                        .map(part -> Descriptions.retyped(part.layout(), type))
                        .toList()));
        for (memory.format_tag order :
                List.of(memory.format_tag.nChw16c, memory.format_tag.nChw8c, memory.format_tag.nchw)) {
            ways.add(() -> describe(
                    plan,
                    concatenation.parts().stream()
                            .map(part -> new memory.desc(plan.dimensions(part), type, order))
                            .toList()));
        }
        return Descriptions.firstSupported(ways);
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
        return new concat.primitive_desc(CHANNELS, array, plan.engine(), Descriptions.noAttributes());
    }

    /** A copy into the middle of zeros, of a padding that no window takes along. */
    static void emit(Padding padding, PlanBuilder plan) {
        Tensor read = plan.tensor(padding.input());
        long[] corner = {0, 0, padding.before().height(), padding.before().width()};
        Tensor target = plan.tape().zeros(plan.dimensions(padding.output()), read);
        plan.tape().copy(read, plan.tape().part(target, read.dimensions(), corner));
        plan.define(padding.output(), target);
        plan.backward(padding, gradient -> plan.tape().part(gradient, corner, read));
    }

    /** A copy of some channels; its gradient is zero for all others. */
    static void emit(Slice slice, PlanBuilder plan) {
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

    static void emit(Reshape reshape, PlanBuilder plan) {
        Tape tape = plan.tape();
        plan.define(reshape.output(), tape.reshaped(plan.tensor(reshape.input()), plan.dimensions(reshape.output())));
        plan.backward(reshape, gradient -> tape.reshaped(gradient, plan.dimensions(reshape.input())));
    }
}
