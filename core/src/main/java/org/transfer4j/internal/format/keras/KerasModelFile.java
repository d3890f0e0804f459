package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.json.Json;

/**
 * A file of a whole model of Keras: HDF5, its configuration in the attribute {@code model_config}, or the zip archive {@code .keras} with {@code config.json} and
 * {@code model.weights.h5} inside. Which of them it is is seen from its first bytes.
 */
final class KerasModelFile {
    private static final String CONFIGURATION = "config.json";
    private static final String METADATA = "metadata.json";
    private static final String ATTRIBUTE = "model_config";
    private static final String VERSION = "keras_version";
    private static final Pattern MAJOR = Pattern.compile("(\\d{1,4})\\.");

    /** No configuration is longer. That of a network of 500 layers has half a MiB. */
    static final int LARGEST_CONFIGURATION = 32 << 20;

    private KerasModelFile() {}

    /** Whether there are weights beside the configuration; an archive may be without. */
    static boolean hasWeights(Path path) {
        return read(
                path,
                channel ->
                        !isArchive(channel) || ZipContents.open(path, channel).has(KerasFile.WEIGHTS_ENTRY));
    }

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
     * Reads the configuration, JSON.
     *
     * @param path the file
     * @throws WeightsException if it is neither kind of file, damaged, or holds weights alone
     */
    static String configuration(Path path) {
        Optional<String> inArchive = archived(path, CONFIGURATION, false);
        if (inArchive.isPresent()) {
            return inArchive.orElseThrow();
        }
        Hdf5 file = weights(path);
        List<String> texts = file.strings(file.root(), ATTRIBUTE).orElse(List.of());
        if (texts.size() != 1) {
            throw new WeightsException(
                    path,
                    "holds no model: it has no attribute " + ATTRIBUTE
                            + ". Keras writes models with model.save(...); a file of weights alone goes with a backbone"
                            + " that is known, as Weights.file");
        }
        if (texts.get(0).length() > LARGEST_CONFIGURATION) {
            throw new WeightsException(path, ATTRIBUTE + " has more than " + LARGEST_CONFIGURATION + " characters");
        }
        return texts.get(0);
    }

    /** Empty where the file is no archive; "{}" for an entry that may be missing and is. */
    private static Optional<String> archived(Path path, String entry, boolean mayBeMissing) {
        return read(path, channel -> {
            if (!isArchive(channel)) {
                return Optional.empty();
            }
            if (mayBeMissing && !ZipContents.open(path, channel).has(entry)) {
                return Optional.of("{}");
            }
            byte[] bytes = archive(path, channel, entry).bytes(entry, LARGEST_CONFIGURATION);
            try {
                return Optional.of(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString());
            } catch (CharacterCodingException e) {
                throw new WeightsException(path, entry + " is not valid UTF-8", e);
            }
        });
    }

    /** The first number of the version of Keras that wrote a file; empty where it does not say. */
    static OptionalInt version(Path path) {
        Optional<String> inArchive = archived(path, METADATA, true);
        String version;
        if (inArchive.isPresent()) {
            try {
                version = Json.tree(inArchive.get()).path(VERSION).asText();
            } catch (JsonProcessingException e) {
                throw new WeightsException(path, METADATA + " is not valid JSON: " + e.getOriginalMessage(), e);
            }
        } else {
            Hdf5 file = weights(path);
            version = file.strings(file.root(), VERSION).orElse(List.of()).stream()
                    .findFirst()
                    .orElse("");
        }
        Matcher number = MAJOR.matcher(version);
        return number.lookingAt() ? OptionalInt.of(Integer.parseInt(number.group(1))) : OptionalInt.empty();
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
