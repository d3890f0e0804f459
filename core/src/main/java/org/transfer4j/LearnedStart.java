package org.transfer4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/**
 * What a learner goes on from that begins with a classifier: copies, so that the classifier may be closed.
 *
 * @param parameters of the whole network, by layer and DL4J's names
 * @param classNames in the order of the outputs
 * @param history of the training so far
 * @param optimizer by which it was trained last, null where that is not known
 * @param memory what that optimizer remembers
 * @param batchStatistics whether its batch normalization was trained by the batches' statistics
 */
record LearnedStart(
        Map<String, Map<String, INDArray>> parameters,
        List<String> classNames,
        TrainingHistory history,
        @Nullable Optimizer optimizer,
        UpdaterState memory,
        boolean batchStatistics) {
    static LearnedStart of(FittedNetwork network, TrainingHistory history, @Nullable Optimizer optimizer) {
        Map<String, Map<String, INDArray>> copies = new LinkedHashMap<>();
        network.parameters().forEach((layer, values) -> {
            Map<String, INDArray> copied = new LinkedHashMap<>();
            values.forEach((name, value) -> copied.put(name, value.dup()));
            copies.put(layer, copied);
        });
        return new LearnedStart(
                copies,
                network.classNames(),
                history,
                optimizer,
                network.tail().updaterState(),
                network.batchStatistics());
    }

    /** The same for other classes: the output layer is forgotten, and with it what the optimizer remembers. */
    LearnedStart forClasses(List<String> others) {
        Map<String, Map<String, INDArray>> kept = new LinkedHashMap<>(parameters);
        kept.remove(NetworkPlan.OUTPUT);
        return new LearnedStart(kept, others, history, null, memory, batchStatistics);
    }

    /** How many phases came before. */
    int phases() {
        return history.last().map(EpochRecord::phase).orElse(0);
    }

    /** Whether an optimizer can go on with what this one remembers. */
    boolean isRememberedBy(Optimizer other) {
        return optimizer != null
                && optimizer.updater().getClass().equals(other.updater().getClass());
    }
}
