package org.transfer4j.internal.tail;

import java.util.List;
import org.nd4j.linalg.learning.config.IUpdater;

/** Stochastic gradient descent, w = w - rate * gradient, without a place for the gradient between. */
record PlainDescent(IUpdater updater, List<DenseLayerMath> layers) implements Descent {
    @Override
    public void step(List<LayerGradient> gradients, int rows, int iteration, int epoch) {
        float rate = (float) updater.getLearningRate(iteration, epoch);
        LayerGradient.addAll(gradients, rows, layers, -rate, 1);
    }

    @Override
    public void close() {
        // holds nothing
    }
}
