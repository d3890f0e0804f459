package org.transfer4j.internal.tail.onednn;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.tail.GradientClipping;
import org.transfer4j.training.Optimizer;

/** Descent along gradients that are written down first: clipped, and with weight decay at the handed rate. */
abstract sealed class GradientDescent implements ParameterDescent permits AdamDescent, UpdaterDescent {
    private final ParameterRow gradients;
    private final List<DenseLayerMath> dense;
    private final List<INDArray> learned;
    private final GradientClipping clipping;
    private final WeightDecay decay;

    GradientDescent(Optimizer optimizer, ParameterRow parameters) {
        gradients = new ParameterRow(parameters.layout());
        dense = gradients.dense();
        learned = parameters.segments().stream()
                .map(segment -> gradients.range(segment.from(), segment.to()))
                .toList();
        clipping = GradientClipping.of(optimizer);
        decay = WeightDecay.of(optimizer, parameters);
    }

    /** Writes the gradients of the dense layers beside those of the layers below, which are there already. */
    final void write(List<DenseLayerMath.Gradient> layers, int rows) {
        DenseLayerMath.Gradient.addAll(layers, rows, dense, 1, 0, 0);
    }

    /** Takes a step along the gradients, which are changed by it. */
    final void step(StepPoint point) {
        clipping.apply(learned, 1);
        decay.apply(point.rate());
        update(point);
    }

    /** Lets the parameters follow. */
    abstract void update(StepPoint point);

    final ParameterRow gradients() {
        return gradients;
    }

    @Override
    public void close() {
        gradients.close();
    }
}
