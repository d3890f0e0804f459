package org.transfer4j.internal.onednn;

import java.util.Map;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.transfer4j.internal.onednn.Operation.Convolution;

/** Convolution, bias, sum and activation in one primitive. */
final class ConvolutionEmission {
    /** As many floats as fill a register of AVX-512. */
    private static final int CHANNEL_BLOCK = 16;

    private ConvolutionEmission() {}

    static void emit(Convolution convolution, PlanBuilder plan) {
        convolution_forward.primitive_desc description = describe(convolution, plan);
        Tensor source = plan.arranged(plan.tensor(convolution.input()), description.src_desc());
        Value addend = convolution.addend();
        Tensor target = addend == null
                ? plan.allocate(description.dst_desc())
                : plan.accumulator(addend, description.dst_desc(), source.region());
        Filter filter = convolution.filter();
        Map<Integer, memory> arguments = Map.of(
                dnnl.DNNL_ARG_SRC,
                plan.view(source),
                dnnl.DNNL_ARG_WEIGHTS,
                plan.weights().weights(filter, description.weights_desc()),
                dnnl.DNNL_ARG_BIAS,
                plan.weights().bias(filter),
                dnnl.DNNL_ARG_DST,
                plan.view(target));
        plan.step(description, new convolution_forward(description), arguments);
        plan.define(convolution.output(), target);
    }

    private static convolution_forward.primitive_desc describe(Convolution convolution, PlanBuilder plan) {
        Algorithm algorithm = plan.algorithm(convolution);
        if (algorithm == Algorithm.DIRECT) {
            return describe(convolution, plan, Algorithm.DIRECT);
        }
        try {
            return describe(convolution, plan, algorithm);
        } catch (RuntimeException unimplemented) {
            // not for this number of channels, or not with this activation
            return describe(convolution, plan, Algorithm.DIRECT);
        }
    }

    private static convolution_forward.primitive_desc describe(
            Convolution convolution, PlanBuilder plan, Algorithm algorithm) {
        Filter filter = convolution.filter();
        Window window = convolution.window();
        convolution_forward.desc operation = new convolution_forward.desc(
                dnnl.dnnl_forward_inference,
                algorithm.constant(),
                source(convolution, plan, algorithm),
                Layouts.any(filter.dimensions()),
                Layouts.vector(filter.outputs()),
                Layouts.any(plan.dimensions(convolution.output())),
                window.stride().dimensions(),
                window.before().dimensions(),
                window.after().dimensions());
        primitive_attr attributes = Attributes.of(convolution.addend() != null, convolution.activation());
        return new convolution_forward.primitive_desc(operation, attributes, plan.engine());
    }

    /**
     * Left to itself, oneDNN computes the first layer of an AVX-512 machine with the channels last, and the next layer
     * wants them in blocks of 16: at 224x224 the conversion takes twice as long as the layer. Told to read the image as
     * it is, it writes the blocks at once.
     */
    private static memory.desc source(Convolution convolution, PlanBuilder plan, Algorithm algorithm) {
        Value input = convolution.input();
        boolean plain = plan.isInput(input)
                && input.shape().channels() < CHANNEL_BLOCK
                && algorithm == Algorithm.DIRECT
                && plan.instructionSet() == InstructionSet.AVX512;
        return plain ? Layouts.plain(plan.dimensions(input)) : Layouts.any(plan.dimensions(input));
    }
}
