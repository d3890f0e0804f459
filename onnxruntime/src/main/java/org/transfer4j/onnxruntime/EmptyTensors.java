package org.transfer4j.onnxruntime;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at tensors without numbers, as of the shape [1, 0, 32]: many of ONNX Runtime's kernels divide by a size without a look,
 * and by 0 the processor ends the process. Networks of images have such tensors only where they make sizes.
 */
final class EmptyTensors {
    /** What sizes are made with, which the runtime computes of no numbers too. */
    private static final Set<String> SIZES = Set.of(
            "Abs",
            "Add",
            "And",
            "Cast",
            "Ceil",
            "Concat",
            "Constant",
            "ConstantOfShape",
            "Div",
            "Equal",
            "Expand",
            "Flatten",
            "Floor",
            "Gather",
            "Greater",
            "GreaterOrEqual",
            "Identity",
            "Less",
            "LessOrEqual",
            "Max",
            "Min",
            "Mul",
            "Neg",
            "Not",
            "Or",
            "Range",
            "ReduceProd",
            "ReduceSum",
            "Reshape",
            "Shape",
            "Size",
            "Slice",
            "Split",
            "Sqrt",
            "Squeeze",
            "Sub",
            "Tile",
            "Transpose",
            "Unsqueeze",
            "Where");

    /** What reads lists behind its first input, which may be empty: of axes, or of factors that are not used. */
    private static final Set<String> WITH_LISTS = Set.of("Pad", "Resize", "Upsample");

    private EmptyTensors() {}

    /** Why a node, with what is known of its inputs and outputs, may end the process; empty if it can't. */
    static Optional<String> danger(NodeCall call, List<Foreseen> outputs) {
        if (SIZES.contains(call.operator())) {
            return Optional.empty();
        }
        boolean lists = WITH_LISTS.contains(call.operator()) || call.operator().startsWith("Reduce");
        for (int i = 0; i < (lists ? Math.min(1, call.inputs()) : call.inputs()); i++) {
            if (call.has(i) && isMaybeEmpty(call.in(i).shape())) {
                return Optional.of("reads " + text(call.in(i).shape()));
            }
        }
        return outputs.stream()
                .map(Foreseen::shape)
                .filter(shape -> shape != null && isMaybeEmpty(shape))
                .findFirst()
                .map(shape -> "gives " + text(shape));
    }

    private static boolean isMaybeEmpty(@Nullable List<Long> shape) {
        return shape == null || shape.contains(0L);
    }

    private static String text(@Nullable List<Long> shape) {
        return "a tensor that "
                + (shape == null ? "may have no numbers" : "has no numbers, of the shape " + shape)
                + ": by a size of 0 the process may end; a model that you trust runs with -D" + ComputedSizes.TRUSTED
                + "=true";
    }
}
