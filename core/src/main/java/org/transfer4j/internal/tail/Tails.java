package org.transfer4j.internal.tail;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.internal.gradient.Arithmetic;
import org.transfer4j.internal.gradient.MainMemory;
import org.transfer4j.internal.onednn.OneDnn;

/** Chooses who trains a tail. */
public final class Tails {
    private Tails() {}

    /**
     * Creates a tail with all parameters zero: one of our own for a chain of fully connected layers with an updater of
     * ND4J, where oneDNN is available, else one on DL4J. They give the same numbers, but for rounding and for what
     * dropout drops.
     *
     * @param configuration from features to probabilities
     * @param updater copied
     * @param seed of dropout; on DL4J, that of ND4J's own generator decides
     */
    public static Tail create(ComputationGraphConfiguration configuration, IUpdater updater, long seed) {
        return create(configuration, updater, seed, Arithmetic.FLOAT32);
    }

    /**
     * As {@link #create(ComputationGraphConfiguration, IUpdater, long)}.
     *
     * @param arithmetic of convolutional layers; fully connected ones are float in any case
     */
    public static Tail create(
            ComputationGraphConfiguration configuration, IUpdater updater, long seed, Arithmetic arithmetic) {
        Optional<List<DenseLayerShape>> layers = DenseChain.of(configuration);
        if (layers.isPresent() && MainMemory.holdsArrays() && OneDnn.available() && isOfNd4j(updater)) {
            return new DenseTail(layers.get(), updater, seed);
        }
        return new GraphTail(configuration, updater, arithmetic);
    }

    /** Whether it is known to treat each parameter alone, and its state as zero at the start. */
    private static boolean isOfNd4j(IUpdater updater) {
        return updater.getClass().getPackageName().equals(Sgd.class.getPackageName());
    }
}
