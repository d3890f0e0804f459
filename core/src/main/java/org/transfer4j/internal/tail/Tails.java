package org.transfer4j.internal.tail;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.gradient.MainMemory;
import org.transfer4j.internal.onednn.OneDnn;
import org.transfer4j.training.Optimizer;

/** Chooses who trains a tail. */
public final class Tails {
    private Tails() {}

    /**
     * Creates a tail with all parameters zero: one of our own for a chain of fully connected layers with an updater of
     * ND4J, where oneDNN is available, else one on DL4J. They give the same numbers, but for rounding and for what
     * dropout drops.
     *
     * @param configuration from features to probabilities
     * @param optimizer says how parameters follow gradients; its rate and schedule are the trainer's business
     * @param loss what to make small
     * @param seed of dropout; on DL4J, that of ND4J's own generator decides
     */
    public static Tail create(
            ComputationGraphConfiguration configuration, Optimizer optimizer, TrainingLoss loss, long seed) {
        return create(configuration, optimizer, loss, seed, Precision.FLOAT32, Map.of());
    }

    /**
     * As {@link #create(ComputationGraphConfiguration, Optimizer, TrainingLoss, long)}.
     *
     * @param precision of convolutional layers; fully connected ones are float in any case
     * @param rateParts the part of the learning rate that a layer gets, by name; 1 where it is not named
     */
    public static Tail create(
            ComputationGraphConfiguration configuration,
            Optimizer optimizer,
            TrainingLoss loss,
            long seed,
            Precision precision,
            Map<String, Double> rateParts) {
        Optional<List<DenseLayerShape>> layers = DenseChain.of(configuration);
        if (layers.isPresent() && MainMemory.holdsArrays() && OneDnn.available() && isKnown(optimizer.updater())) {
            return new DenseTail(layers.get(), optimizer, loss, seed);
        }
        return new GraphTail(configuration, optimizer, loss, precision, rateParts);
    }

    /**
     * Creates a tail on DL4J, which tells DL4J's own listeners how it is trained.
     *
     * @param precision of convolutional layers
     * @param rateParts the part of the learning rate that a layer gets, by name; 1 where it is not named
     */
    public static Tail listenedTo(
            List<TrainingListener> listeners,
            ComputationGraphConfiguration configuration,
            Optimizer optimizer,
            TrainingLoss loss,
            Precision precision,
            Map<String, Double> rateParts) {
        GraphTail tail = new GraphTail(configuration, optimizer, loss, precision, rateParts);
        tail.tell(listeners);
        return tail;
    }

    /** Whether a tail is a chain of fully connected layers, the first of them right on the features. */
    public static boolean isDense(ComputationGraphConfiguration configuration) {
        return DenseChain.of(configuration).isPresent();
    }

    /** Whether it is known to treat each parameter alone, and its state as zero at the start. */
    private static boolean isKnown(IUpdater updater) {
        String owner = updater.getClass().getPackageName();
        return owner.equals(Sgd.class.getPackageName()) || owner.equals(Optimizer.class.getPackageName());
    }
}
