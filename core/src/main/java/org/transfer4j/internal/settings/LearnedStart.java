package org.transfer4j.internal.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/**
 * What a training goes on from that begins with a classifier: copies, so that the classifier may be closed.
 *
 * @param parameters of the whole network, as {@code ParameterValues} has them
 * @param learned the classes of these parameters, in the order of the outputs
 * @param classNames the classes to go on with, in the order of the outputs to be
 * @param history of the training so far
 * @param optimizer whose memory there is, null where there is none
 * @param memory what that optimizer remembers
 * @param batchStatistics whether its batch normalization was trained by the batches' statistics
 * @param regression whether the outputs are numbers, and the classes the names of these
 */
public record LearnedStart(
        Map<String, Map<String, INDArray>> parameters,
        List<String> learned,
        List<String> classNames,
        TrainingHistory history,
        @Nullable Optimizer optimizer,
        UpdaterState memory,
        boolean batchStatistics,
        boolean regression) {
    /** The same for other classes; what the optimizer remembers is forgotten. */
    public LearnedStart forClasses(List<String> others) {
        return new LearnedStart(parameters, learned, others, history, null, memory, batchStatistics, regression);
    }

    /** The same but for the output layer, which begins anew for outputs of the other kind. */
    public LearnedStart withoutOutput(List<String> others) {
        Map<String, Map<String, INDArray>> below = new LinkedHashMap<>(parameters);
        below.remove(NetworkPlan.OUTPUT);
        return new LearnedStart(below, others, others, history, null, memory, batchStatistics, !regression);
    }

    /** Whether the classes to go on with are those that were learned. */
    boolean hasLearnedAll() {
        return classNames.equals(learned);
    }

    /**
     * Puts what was learned of the classes that stay into an output layer for the classes to be.
     *
     * @return whether it is there: another head has another layer below its output
     */
    boolean keepOutputs(Map<String, INDArray> output) {
        Map<String, INDArray> before = parameters.getOrDefault(NetworkPlan.OUTPUT, Map.of());
        boolean fits = output.entrySet().stream().allMatch(entry -> {
            INDArray own = before.get(entry.getKey());
            INDArray value = entry.getValue();
            return own != null && own.rank() == value.rank() && (own.rank() == 1 || own.size(1) == value.size(1));
        });
        if (fits) {
            output.forEach((name, value) -> {
                INDArray own = Objects.requireNonNull(before.get(name), name);
                for (int i = 0; i < classNames.size(); i++) {
                    int known = learned.indexOf(classNames.get(i));
                    if (known >= 0 && value.rank() == 1) {
                        value.putScalar(i, own.getFloat(known));
                    } else if (known >= 0) {
                        value.getRow(i).assign(own.getRow(known));
                    }
                }
            });
        }
        return fits;
    }

    /** How many phases came before. */
    public int phases() {
        return history.last().map(EpochRecord::phase).orElse(0);
    }

    /** Whether an optimizer can go on with what this one remembers. */
    public boolean isRememberedBy(Optimizer other) {
        return optimizer != null
                && optimizer.updater().getClass().equals(other.updater().getClass());
    }
}
