package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;

/** Channels of several values in one buffer, in their own layout where all have the same. */
final class ConcatenationEmission {
    private static final int CHANNELS = 1;

    private ConcatenationEmission() {}

    static void emit(Operation.Concatenation concatenation, PlanBuilder plan) {
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
    private static concat.primitive_desc describe(
            Operation.Concatenation concatenation, PlanBuilder plan, List<Tensor> parts) {
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
