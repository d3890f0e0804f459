package org.transfer4j.internal.tail;

import java.util.List;
import java.util.OptionalDouble;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.training.Optimizer;

/** Makes gradients shorter that are too long, as the optimizer says. */
public record GradientClipping(OptionalDouble norm, OptionalDouble value) {
    /** As the optimizer says. */
    public static GradientClipping of(Optimizer optimizer) {
        return new GradientClipping(optimizer.clipNorm(), optimizer.clipValue());
    }

    /** Whether nothing is clipped. */
    public boolean isNone() {
        return norm.isEmpty() && value.isEmpty();
    }

    /**
     * Clips in place.
     *
     * @param gradients which make one gradient together
     * @param summed over how many images it is a sum, where it will be divided later; else 1
     */
    public void apply(List<INDArray> gradients, int summed) {
        norm.ifPresent(limit -> clipNorm(gradients, limit * summed));
        value.ifPresent(limit -> gradients.forEach(gradient -> clipValue(gradient, limit * summed)));
    }

    private static void clipNorm(List<INDArray> gradients, double limit) {
        double squares = 0;
        for (INDArray gradient : gradients) {
            double length = gradient.norm2Number().doubleValue();
            squares += length * length;
        }
        double length = Math.sqrt(squares);
        if (length > limit) {
            gradients.forEach(gradient -> gradient.muli(limit / length));
        }
    }

    private static void clipValue(INDArray gradient, double limit) {
        Nd4j.getExecutioner()
                .exec(DynamicCustomOp.builder("clipbyvalue")
                        .addInputs(gradient)
                        .callInplace(true)
                        .addFloatingPointArguments(-limit, limit)
                        .build());
    }
}
