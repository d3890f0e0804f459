package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Value;
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
        Map<Integer, memory> arguments = Map.of(
                dnnl.DNNL_ARG_SRC,
                plan.tape().view(source),
                dnnl.DNNL_ARG_WEIGHTS,
                plan.weights().weights(filter, description.weights_desc()),
                dnnl.DNNL_ARG_BIAS,
                plan.weights().bias(filter),
                dnnl.DNNL_ARG_DST,
                plan.tape().view(target));
        plan.tape().step(description, new convolution_forward(description), arguments);
        plan.define(convolution.output(), target);
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
        return FirstSupported.of(ways);
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
                        ? Layouts.plain(plan.dimensions(convolution.input()))
                        : new memory.desc(plan.dimensions(convolution.input()), type, order),
                Layouts.any(filter.dimensions(), type),
                Layouts.vector(filter.outputs()),
                new memory.desc(plan.dimensions(convolution.output()), type, order),
                window.stride().dimensions(),
                Layouts.gaps(window),
                window.before().dimensions(),
                window.after().dimensions());
        primitive_attr attributes = Attributes.of(convolution.addend() != null, convolution.activation());
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
}
