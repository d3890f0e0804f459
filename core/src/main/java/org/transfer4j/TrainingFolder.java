package org.transfer4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.TemporaryFile;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.format.modelfile.CheckpointContents;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.training.Checkpoints;

/** The folder in which one training leaves its checkpoint. */
final class TrainingFolder {
    static final String PARAMETERS = "parameters/";
    static final String BEST = "best/";
    static final String UNAVERAGED = "unaveraged/";
    static final String UPDATER = "updater/";
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final Map<String, String> identity;
    private final String backbone;

    private TrainingFolder(Path file, Map<String, String> identity, String backbone) {
        this.file = file;
        this.identity = identity;
        this.backbone = backbone;
    }

    /**
     * Makes the folder where it is not there.
     *
     * @param identity what must be the same for a training to go on
     * @throws UncheckedIOException if it can't be written to
     */
    static TrainingFolder open(Checkpoints checkpoints, Map<String, String> identity, String backbone) {
        Path folder = checkpoints.folder();
        try {
            Files.createDirectories(folder);
            TemporaryFile.requireWritable(folder);
        } catch (IOException e) {
            throw FileFailure.of("checkpoints can't be written to the folder " + folder, e);
        }
        return new TrainingFolder(folder.resolve(Checkpoints.FILE), identity, backbone);
    }

    /**
     * Reads the checkpoint.
     *
     * @return null if there is none
     * @throws CheckpointException if it is damaged or of another training
     */
    @Nullable
    TrainingCheckpoint read() {
        if (!Files.exists(file)) {
            return null;
        }
        CheckpointContents contents = CheckpointArchive.read(file);
        try {
            JsonNode state = JSON.readTree(contents.state());
            requireSame(state.path("identity"));
            return new TrainingCheckpoint(file, state, contents.arrays());
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "its state is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private void requireSame(JsonNode there) {
        identity.forEach((name, value) -> {
            String other = there.path(name).asText("not noted");
            if (!other.equals(value)) {
                throw new CheckpointException(
                        file,
                        "it is of another training: " + name + " is " + other + " there, and " + value
                                + " here. Name another folder, or delete the file to begin anew");
            }
        });
    }

    /** Writes the checkpoint after an epoch, in place of the one before. */
    void write(Tail tail, TailTrainer trainer) {
        UpdaterState updater = tail.updaterState();
        try {
            ObjectNode state = JSON.createObjectNode();
            ObjectNode names = state.putObject("identity");
            identity.forEach(names::put);
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
            CheckpointArchive.write(
                    file, new CheckpointContents(LibraryVersion.current(), backbone, state.toString(), arrays));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a history gives JSON", e);
        } finally {
            updater.values().values().forEach(INDArray::close);
        }
    }

    private static void put(Map<String, INDArray> arrays, String prefix, Map<String, Map<String, INDArray>> layers) {
        layers.forEach(
                (layer, values) -> values.forEach((name, value) -> arrays.put(prefix + layer + "/" + name, value)));
    }
}
