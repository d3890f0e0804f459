package org.transfer4j.internal.tail;

import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** How parameters follow gradients. */
sealed interface Descent extends AutoCloseable permits PlainDescent, AdamDescent, UpdaterDescent {
    /** The way of an updater, which is not used by anyone else. */
    static Descent of(IUpdater updater, List<DenseLayerShape> layers, DenseParameters parameters) {
        if (updater.getClass() == Sgd.class) {
            return new PlainDescent(updater, DenseLayerMath.all(parameters, layers.size()));
        }
        if (updater.getClass() == Adam.class) {
            return new AdamDescent((Adam) updater, layers, parameters);
        }
        return new UpdaterDescent(updater, layers, parameters);
    }

    /**
     * One step.
     *
     * @param gradients of each layer, the mean over the batch
     * @param rows the batch's size
     * @param iteration the number of steps before
     * @param epoch the number of epochs before
     */
    void step(List<LayerGradient> gradients, int rows, int iteration, int epoch);

    @Override
    void close();
}
