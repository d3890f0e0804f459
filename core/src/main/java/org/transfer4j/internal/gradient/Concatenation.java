package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.onednn.Attributes;
import org.transfer4j.internal.onednn.FirstSupported;
import org.transfer4j.internal.onednn.Layouts;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

/** The channels of several images in one. */
record Concatenation() implements Operation {
    private static final int CHANNELS = 1;

    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        concat.primitive_desc description = FirstSupported.of(List.of(
                () -> describe(tape, inputs.stream().map(Tensor::layout).toList()),
                () -> describe(
                        tape,
                        inputs.stream()
                                .map(part -> Layouts.retyped(Layouts.plain(part.dimensions()), tape.type()))
                                .toList())));
        Map<Integer, memory> arguments = new HashMap<>();
        List<Tensor> sources = new ArrayList<>();
        for (Tensor part : inputs) {
            sources.add(tape.arranged(part, description.src_desc(sources.size())));
        }
        // views last: they say which step reads, and copies are steps as well
        for (int i = 0; i < sources.size(); i++) {
            arguments.put(dnnl.DNNL_ARG_MULTIPLE_SRC + i, tape.view(sources.get(i)));
        }
        Tensor output = tape.allocate(description.dst_desc());
        arguments.put(dnnl.DNNL_ARG_DST, tape.view(output));
        tape.step(description, new concat(description), arguments);
        return new OnTape(inputs, output);
    }

    private static concat.primitive_desc describe(Tape tape, List<memory.desc> sources) {
        memory.desc array = new memory.desc(sources.size());
        for (int i = 0; i < sources.size(); i++) {
            array.getPointer(i).put(sources.get(i));
        }
        return new concat.primitive_desc(CHANNELS, array, tape.cpu(), Attributes.none());
    }

    private record OnTape(List<Tensor> parts, Tensor output) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            List<Tensor> gradients = new ArrayList<>();
            long first = 0;
            for (Tensor part : inputGradientWanted ? parts : List.<Tensor>of()) {
                gradients.add(tape.channels(gradient, first, part));
                first += part.dimensions()[CHANNELS];
            }
            return gradients;
        }
    }
}
