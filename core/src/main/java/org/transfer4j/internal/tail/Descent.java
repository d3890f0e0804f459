package org.transfer4j.internal.tail;

import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.training.Optimizer;

/** How parameters follow gradients. */
sealed interface Descent extends AutoCloseable permits Descent.Plain, AdamDescent, UpdaterDescent {
    /** Weights that a thread makes smaller at a time. */
    long DECAY_PIECE = 1 << 16;

    /** The way of an optimizer. */
    static Descent of(Optimizer optimizer, List<DenseLayerShape> layers, DenseParameters parameters) {
        IUpdater updater = optimizer.updater();
        GradientClipping clipping = GradientClipping.of(optimizer);
        if (updater.getClass() == Sgd.class && clipping.isNone()) {
            return new Plain(DenseLayerMath.all(parameters, layers.size()), optimizer.weightDecay());
        }
        WeightDecay decay = new WeightDecay(optimizer.weightDecay(), parameters.weightPieces(DECAY_PIECE));
        if (updater.getClass() == Adam.class) {
            return new AdamDescent((Adam) updater, clipping, decay, layers, parameters);
        }
        return new UpdaterDescent(updater, clipping, decay, layers, parameters);
    }

    /**
     * One step.
     *
     * @param gradients of each layer, the mean over the batch
     * @param rows the batch's size
     * @param point where the step stands
     */
    void step(List<LayerGradient> gradients, int rows, StepPoint point);

    /** What is remembered from step to step, for the parameters in the order that they lie in. */
    List<StateBlock> state();

    @Override
    void close();

    /** Stochastic gradient descent, w = w - rate * gradient, without a place for the gradient between. */
    record Plain(List<DenseLayerMath> layers, double weightDecay) implements Descent {
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
}
