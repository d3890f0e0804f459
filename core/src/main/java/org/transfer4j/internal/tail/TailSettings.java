package org.transfer4j.internal.tail;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.Optimizer;

/**
 * How a tail is trained.
 *
 * @param optimizer says how parameters follow gradients; its rate and schedule are the trainer's business
 * @param loss what to make small
 * @param seed of dropout; on DL4J, that of ND4J's own generator decides
 * @param precision of layers on images; fully connected ones are float in any case
 * @param rateParts the part of the learning rate that a layer gets, by name; 1 where it is not named
 * @param batchStatistics whether batch normalization is by the batch's mean and variance, and not by the moving ones
 * @param listeners of DL4J, which hear how the tail is trained
 */
public record TailSettings(
        Optimizer optimizer,
        TrainingLoss loss,
        long seed,
        Precision precision,
        Map<String, Double> rateParts,
        boolean batchStatistics,
        List<TrainingListener> listeners) {
    /** In float, all layers at the whole rate, batch normalization by the batches, and nobody listening. */
    public TailSettings(Optimizer optimizer, TrainingLoss loss, long seed) {
        this(optimizer, loss, seed, Precision.FLOAT32, Map.of(), true, List.of());
    }

    /** The same in another precision. */
    public TailSettings in(Precision other) {
        return new TailSettings(optimizer, loss, seed, other, rateParts, batchStatistics, listeners);
    }
}
