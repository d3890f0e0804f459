package org.transfer4j.internal.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.internal.feature.FeatureScale;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.file.TemporaryFile;
import org.transfer4j.internal.fitted.LibraryVersion;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.format.modelfile.CheckpointArchive.CheckpointContents;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.TrainingHistory;

/**
 * The folder in which one training leaves its checkpoint; its own until it is closed.
 *
 * @param lock what keeps other trainings out, in this process and others
 * @param file the checkpoint
 * @param identity what must be the same for a training to go on
 * @param backbone its name, which a checkpoint notes
 */
record TrainingFolder(LockFile lock, Path file, ObjectNode identity, String backbone) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingFolder.class);
    private static final String LOCK = ".transfer4j-training.lock";
    private static final String PARAMETERS = "parameters/";
    private static final String BEST = "best/";
    private static final String UNAVERAGED = "unaveraged/";
    private static final String UPDATER = "updater/";
    private static final String SCALE = "scale/";
    private static final String IDENTITY = "identity";
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Makes the folder where it is not there, and takes it for this training.
     *
     * @param identity what must be the same for a training to go on
     * @throws CheckpointException if another training has it
     * @throws UncheckedIOException if it can't be written to
     */
    static TrainingFolder open(Checkpoints checkpoints, ObjectNode identity, String backbone) {
        Path folder = checkpoints.folder();
        try {
            Files.createDirectories(folder);
            TemporaryFile.requireWritable(folder);
            LockFile lock = LockFile.tryAcquireUnawaited(folder.resolve(LOCK))
                    .orElseThrow(() -> new CheckpointException(
                            folder,
                            "another training writes its checkpoints there now, in this process or another one. Wait for"
                                    + " its end, or name another folder: each training needs one of its own"));
            return new TrainingFolder(lock, folder.resolve(Checkpoints.FILE), identity, backbone);
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException("checkpoints need a folder, but " + folder + " is a file", e);
        } catch (IOException e) {
            throw FileFailure.of("checkpoints can't be written to the folder " + folder, e);
        }
    }

    /** Gives the folder back. Never fails: what was learned is worth more. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.debug("{} is not closed: {}", file.resolveSibling(LOCK), e.toString());
        }
    }

    /**
     * Reads the checkpoint.
     *
     * @return null if there is none
     * @throws CheckpointException if it is damaged or of another training
     */
    @Nullable
    Checkpoint read() {
        if (!Files.exists(file)) {
            return null;
        }
        CheckpointContents contents = CheckpointArchive.read(file);
        try {
            JsonNode state = JSON.readTree(contents.state());
            requireSame(identity, state.path(IDENTITY));
            return new Checkpoint(file, state, contents.arrays());
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "its state is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Names the first part in which they differ. */
    private void requireSame(ObjectNode here, JsonNode there) {
        here.properties().forEach(part -> {
            JsonNode other = there.path(part.getKey());
            if (part.getValue() instanceof ObjectNode nested && other.isObject()) {
                requireSame(nested, other);
            }
            if (!other.equals(part.getValue())) {
                String name = part.getKey().replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
                throw new CheckpointException(
                        file,
                        "it is of another training: " + name + " is " + shown(other) + " there, and "
                                + shown(part.getValue())
                                + " here. Name another folder, or delete the file to begin anew");
            }
        });
    }

    private static String shown(JsonNode value) {
        if (value.isArray()) {
            List<String> elements = new ArrayList<>();
            value.forEach(element -> elements.add(shown(element)));
            return elements.toString();
        }
        if (value.isMissingNode() || value.isNull()) {
            return value.isNull() ? "none" : "not noted";
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /**
     * Writes the checkpoint after an epoch, in place of the one before.
     *
     * @param scale that of the features that the weights are for, null where it is their own
     */
    void write(Tail tail, TailTrainer trainer, @Nullable FeatureScale scale) {
        UpdaterState updater = tail.updaterState();
        Map<String, INDArray> scaling = scale == null ? Map.of() : scale.toArrays();
        try {
            ObjectNode state = JSON.createObjectNode();
            state.set(IDENTITY, identity);
            state.put("phase", trainer.phase());
            state.put("iteration", updater.iteration());
            state.put("epoch", updater.epoch());
            state.set("history", JSON.readTree(trainer.history().toJson()));
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            put(arrays, PARAMETERS, tail.parameters());
            put(arrays, BEST, trainer.bestParameters());
            put(arrays, UNAVERAGED, trainer.unaveragedParameters());
            updater.values().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> arrays.put(UPDATER + entry.getKey(), entry.getValue()));
            scaling.forEach((name, value) -> arrays.put(SCALE + name, value));
            CheckpointArchive.write(
                    file, new CheckpointContents(LibraryVersion.current(), backbone, state.toString(), arrays));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a history gives JSON", e);
        } finally {
            updater.values().values().forEach(INDArray::close);
            scaling.values().forEach(INDArray::close);
        }
    }

    private static void put(Map<String, INDArray> arrays, String prefix, Map<String, Map<String, INDArray>> layers) {
        layers.forEach(
                (layer, values) -> values.forEach((name, value) -> arrays.put(prefix + layer + "/" + name, value)));
    }

    /** A checkpoint that was read, of this very training. */
    record Checkpoint(Path file, JsonNode state, Map<String, INDArray> arrays) {
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
         * @return the scale of the features that the weights are for; empty where it is their own
         * @throws CheckpointException if its parts contradict each other
         */
        Optional<FeatureScale> restore(Tail tail, TailTrainer trainer) {
            try {
                Map<String, INDArray> scaling = under(SCALE);
                Optional<FeatureScale> scale =
                        scaling.isEmpty() ? Optional.empty() : Optional.of(FeatureScale.ofArrays(scaling));
                scale.ifPresent(some ->
                        some.requireFits(tail.parameters().values().iterator().next()));
                TrainingHistory history =
                        TrainingHistory.fromJson(state.path("history").toString());
                requireShapes(PARAMETERS, tail.parameters());
                requireShapes(BEST, trainer.bestParameters());
                requireShapes(UNAVERAGED, trainer.unaveragedParameters());
                tail.restore(new UpdaterState(
                        state.path("iteration").asInt(), state.path("epoch").asInt(), under(UPDATER)));
                fill(PARAMETERS, tail.parameters());
                fill(BEST, trainer.bestParameters());
                fill(UNAVERAGED, trainer.unaveragedParameters());
                trainer.after(history, state.path("phase").asInt());
                return scale;
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
}
