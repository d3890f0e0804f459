package org.transfer4j.internal.format.modelfile;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.safetensors.Safetensors;

/**
 * The file that a training goes on from: an archive as the model file is, of a state in JSON and of arrays. It is
 * replaced as a whole, so that a training killed at any moment finds the last complete one.
 */
public final class CheckpointArchive {
    private CheckpointArchive() {}

    /**
     * Writes a checkpoint, whole or not at all.
     *
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, CheckpointContents contents) {
        Archive.Content content =
                new Archive.Content(ArchiveKind.CHECKPOINT, contents.libraryVersion(), contents.backbone());
        try {
            content.addText(CheckpointContents.STATE, contents.state());
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This state can't be written: " + e.reason(), e);
        }
        content.addArrays(contents.arrays());
        content.write(file, "checkpoint");
    }

    /**
     * Reads a checkpoint.
     *
     * @throws CheckpointException if the file is damaged, no checkpoint, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    public static CheckpointContents read(Path file) {
        try {
            Archive.Parts<CheckpointContents> parts = Archive.read(
                    file,
                    ArchiveKind.CHECKPOINT,
                    (manifest, texts) -> new CheckpointContents(
                            manifest.libraryVersion(),
                            manifest.backbone(),
                            Archive.text(texts, CheckpointContents.STATE).json(),
                            Map.of()),
                    contents -> {});
            requireFloats(parts.arrays());
            CheckpointContents described = parts.described();
            return new CheckpointContents(
                    described.libraryVersion(), described.backbone(), described.state(), parts.arrays());
        } catch (MalformedModelException e) {
            throw new CheckpointException(file, e.reason(), e);
        }
    }

    private static void requireFloats(Map<String, INDArray> arrays) throws MalformedModelException {
        for (Map.Entry<String, INDArray> array : arrays.entrySet()) {
            if (array.getValue().dataType() != DataType.FLOAT) {
                Safetensors.close(arrays);
                throw new MalformedModelException("its arrays must be floats, but " + array.getKey() + " is of bytes");
            }
        }
    }

    /**
     * All that one checkpoint holds.
     *
     * @param libraryVersion version of the library that wrote it
     * @param backbone name of the backbone
     * @param state JSON, whose meaning belongs to the caller
     * @param arrays float arrays, written in the order of this map. They are not copied
     */
    public record CheckpointContents(
            String libraryVersion, String backbone, String state, Map<String, INDArray> arrays) {
        static final String STATE = "state.json";

        /** Copies the map, but not the arrays. */
        public CheckpointContents {
            arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
        }
    }
}
