package org.transfer4j.internal.tail.onednn;

import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.internal.tail.GradientClipping;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.training.Optimizer;

/** How parameters follow gradients. */
sealed interface ParameterDescent extends AutoCloseable permits ParameterDescent.Plain, GradientDescent {
    /**
     * Where a step stands.
     *
     * @param iteration how many steps were done before
     * @param epoch how many epochs were completed before
     * @param rate the learning rate, NaN for an updater that has none
     */
    record StepPoint(int iteration, int epoch, double rate) {}

    /**
     * The way of an optimizer.
     *
     * @param denseAlone whether no layers but dense ones have parameters, and gradients need not be written down
     */
    static ParameterDescent of(Optimizer optimizer, ParameterRow parameters, boolean denseAlone) {
        IUpdater updater = optimizer.updater();
        List<ParameterLayout.Segment> segments = parameters.segments();
        boolean alike = segments.stream().allMatch(segment -> segment.isPlain() && segment.ratePart() == 1);
        boolean clips = !GradientClipping.of(optimizer).isNone();
        if (denseAlone && alike && !clips && updater.getClass() == Sgd.class) {
            return new Plain(parameters.dense(), optimizer.weightDecay());
        }
        boolean plain = segments.stream().allMatch(ParameterLayout.Segment::isPlain);
        return plain && updater.getClass() == Adam.class
                ? new AdamDescent(optimizer, (Adam) updater, parameters)
                : new UpdaterDescent(optimizer, parameters);
    }

    /** What is remembered from step to step, for the parameters in the order that they lie in. */
    List<UpdaterState.Block> state();

    @Override
    void close();

    /** Stochastic gradient descent, w = w - rate * gradient, without a place for the gradient between. */
    record Plain(List<DenseLayerMath> layers, double weightDecay) implements ParameterDescent {
        /**
         * One step.
         *
         * @param gradients what those of the layers are made of, the mean over the batch
         * @param rows the batch's size
         */
        void step(List<DenseLayerMath.Gradient> gradients, int rows, StepPoint point) {
            float kept = (float) WeightDecay.kept(weightDecay, point.rate());
            DenseLayerMath.Gradient.addAll(gradients, rows, layers, (float) -point.rate(), 1, kept);
        }

        @Override
        public List<UpdaterState.Block> state() {
            return List.of();
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
