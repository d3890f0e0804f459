package org.transfer4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.training.TrainingHistory;

/** A checkpoint that was read, of this very training. */
final class TrainingCheckpoint {
    private final Path file;
    private final JsonNode state;
    private final Map<String, INDArray> arrays;

    TrainingCheckpoint(Path file, JsonNode state, Map<String, INDArray> arrays) {
        this.file = file;
        this.state = state;
        this.arrays = arrays;
    }

    /** The phase of this fit that it was in, from 1 to as many as there are. */
    int phase(int before, int phases) {
        int phase = state.path("phase").asInt() - before;
        if (phase < 1 || phase > phases) {
            throw new CheckpointException(file, "its phase must be from 1 to " + phases + ", but is " + phase);
        }
        return phase;
    }

    /**
     * Puts a training there, and frees what was read.
     *
     * @throws CheckpointException if its parts contradict each other
     */
    void restore(Tail tail, TailTrainer trainer) {
        try {
            TrainingHistory history =
                    TrainingHistory.fromJson(state.path("history").toString());
            requireShapes(TrainingFolder.PARAMETERS, tail.parameters());
            requireShapes(TrainingFolder.BEST, trainer.bestParameters());
            requireShapes(TrainingFolder.UNAVERAGED, trainer.unaveragedParameters());
            tail.restore(new UpdaterState(
                    state.path("iteration").asInt(), state.path("epoch").asInt(), under(TrainingFolder.UPDATER)));
            fill(TrainingFolder.PARAMETERS, tail.parameters());
            fill(TrainingFolder.BEST, trainer.bestParameters());
            fill(TrainingFolder.UNAVERAGED, trainer.unaveragedParameters());
            trainer.after(history, state.path("phase").asInt());
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(file, "its parts contradict each other: " + e.getMessage(), e);
        } finally {
            arrays.values().forEach(INDArray::close);
        }
    }

    private Map<String, INDArray> under(String prefix) {
        Map<String, INDArray> found = new LinkedHashMap<>();
        arrays.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    private void requireShapes(String prefix, Map<String, Map<String, INDArray>> layers) {
        layers.forEach((layer, values) -> values.forEach((name, value) -> {
            INDArray stored = arrays.get(prefix + layer + "/" + name);
            if (stored == null || !Arrays.equals(stored.shape(), value.shape())) {
                throw new CheckpointException(
                        file,
                        prefix + layer + "/" + name + " must be " + Arrays.toString(value.shape()) + ", found "
                                + (stored == null ? "none" : Arrays.toString(stored.shape())));
            }
        }));
    }

    private void fill(String prefix, Map<String, Map<String, INDArray>> layers) {
        layers.forEach((layer, values) ->
                values.forEach((name, value) -> value.assign(arrays.get(prefix + layer + "/" + name))));
    }
}
