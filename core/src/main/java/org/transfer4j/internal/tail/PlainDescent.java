package org.transfer4j.internal.tail;

import java.util.List;

/** Stochastic gradient descent, w = w - rate * gradient, without a place for the gradient between. */
record PlainDescent(List<DenseLayerMath> layers, double weightDecay) implements Descent {
    @Override
    public void step(List<LayerGradient> gradients, int rows, StepPoint point) {
        float kept = (float) WeightDecay.kept(weightDecay, point.rate());
        LayerGradient.addAll(gradients, rows, layers, (float) -point.rate(), 1, kept);
    }

    @Override
    public List<StateBlock> state() {
        return List.of();
    }

    @Override
    public void close() {
        // holds nothing
    }
}
