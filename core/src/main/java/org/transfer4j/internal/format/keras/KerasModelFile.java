package org.transfer4j.internal.format.keras;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * A file of a whole model of Keras: HDF5, or the zip archive {@code .keras} with {@code config.json} and
 * {@code model.weights.h5} inside. Which of them it is is seen from its first bytes.
 */
final class KerasModelFile {
    private static final String CONFIGURATION = "config.json";

    private KerasModelFile() {}

    /** The HDF5 with the weights. */
    static Hdf5 weights(Path path) {
        return read(path, channel -> {
            if (!isArchive(channel)) {
                return Hdf5.open(path, channel, 0, channel.size());
            }
            ZipContents zip = archive(path, channel, KerasFile.WEIGHTS_ENTRY);
            ZipContents.Range range = zip.stored(KerasFile.WEIGHTS_ENTRY);
            return Hdf5.open(path, channel, range.start(), range.length());
        });
    }

    /**
     * The text of the configuration in an archive; empty where the file is none.
     *
     * @param largest the most bytes that it may have
     */
    static Optional<String> configuration(Path path, int largest) {
        return read(path, channel -> {
            if (!isArchive(channel)) {
                return Optional.empty();
            }
            byte[] bytes = archive(path, channel, CONFIGURATION).bytes(CONFIGURATION, largest);
            try {
                return Optional.of(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString());
            } catch (CharacterCodingException e) {
                throw new WeightsException(path, CONFIGURATION + " is not valid UTF-8", e);
            }
        });
    }

    private static boolean isArchive(FileChannel channel) throws IOException {
        byte[] head = new byte[FileKind.HEAD_BYTES];
        channel.read(ByteBuffer.wrap(head), 0);
        return FileKind.isZip(head);
    }

    private static ZipContents archive(Path path, FileChannel channel, String needed) throws IOException {
        ZipContents zip = ZipContents.open(path, channel);
        if (!zip.has(needed)) {
            throw new WeightsException(path, "is a zip archive, but no .keras model: it has no entry called " + needed);
        }
        return zip;
    }

    private interface Reading<T> {
        T from(FileChannel channel) throws IOException;
    }

    private static <T> T read(Path path, Reading<T> reading) {
        if (!Files.isRegularFile(path)) {
            throw new WeightsException(path, Files.exists(path) ? "is not a file" : "there is no such file");
        }
        try {
            return Interruption.deferred(() -> {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    return reading.from(channel);
                }
            });
        } catch (IOException e) {
            throw FileFailure.of("can't read the model file " + path, e);
        }
    }
}
