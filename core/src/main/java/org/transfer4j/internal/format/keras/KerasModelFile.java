package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
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
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.json.Json;

/**
 * A file of a whole model of Keras: HDF5, its configuration in the attribute {@code model_config}, or the zip archive
 * {@code .keras} with {@code config.json} and {@code model.weights.h5} inside. Which of them it is is seen from its first
 * bytes.
 *
 * @param version the first number of the version of Keras that wrote it; empty where it does not say
 * @param length of the file, in bytes
 * @param weights empty where an archive has none
 */
record KerasModelFile(Path path, JsonNode configuration, OptionalInt version, long length, Optional<Hdf5> weights) {
    private static final String CONFIGURATION = "config.json";
    private static final String METADATA = "metadata.json";
    private static final String ATTRIBUTE = "model_config";
    private static final String VERSION = "keras_version";
    private static final Pattern MAJOR = Pattern.compile("(\\d{1,4})\\.");

    /** No configuration is longer. That of a network of 500 layers has half a MiB. */
    private static final int LARGEST_CONFIGURATION = 32 << 20;

    /**
     * Reads a file.
     *
     * @throws WeightsException if it is neither kind of file, damaged, or holds weights alone
     */
    static KerasModelFile read(Path path) {
        WeightsFile.requireFile(path);
        try {
            return Interruption.deferred(() -> {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    return FileKind.isZip(FileKind.head(channel))
                            ? archive(ZipContents.open(path, channel))
                            : file(Hdf5.open(path, channel));
                }
            });
        } catch (IOException e) {
            throw FileFailure.of("can't read the model file " + path, e);
        }
    }

    private static KerasModelFile archive(ZipContents zip) throws IOException {
        if (!zip.has(CONFIGURATION)) {
            throw noEntry(zip.path(), CONFIGURATION);
        }
        JsonNode metadata =
                zip.has(METADATA) ? json(zip.path(), METADATA, text(zip, METADATA)) : MissingNode.getInstance();
        Optional<Hdf5> weights = zip.has(KerasFile.WEIGHTS_ENTRY)
                ? Optional.of(Hdf5.open(zip, KerasFile.WEIGHTS_ENTRY))
                : Optional.empty();
        return new KerasModelFile(
                zip.path(),
                json(zip.path(), CONFIGURATION, text(zip, CONFIGURATION)),
                version(metadata.path(VERSION).asText()),
                zip.channel().size(),
                weights);
    }

    private static KerasModelFile file(Hdf5 file) {
        Path path = file.path();
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
        List<String> versions = file.strings(file.root(), VERSION).orElse(List.of());
        return new KerasModelFile(
                path,
                json(path, ATTRIBUTE, texts.get(0)),
                version(versions.isEmpty() ? "" : versions.get(0)),
                file.length(),
                Optional.of(file));
    }

    private static OptionalInt version(String text) {
        Matcher number = MAJOR.matcher(text);
        return number.lookingAt() ? OptionalInt.of(Integer.parseInt(number.group(1))) : OptionalInt.empty();
    }

    private static String text(ZipContents zip, String entry) throws IOException {
        try {
            return StrictJson.decode(entry, zip.bytes(entry, LARGEST_CONFIGURATION));
        } catch (MalformedModelException e) {
            throw new WeightsException(zip.path(), e.reason(), e);
        }
    }

    private static JsonNode json(Path path, String name, String text) {
        try {
            return Json.tree(text);
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    path, "the model's configuration, " + name + ", is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static WeightsException noEntry(Path path, String entry) {
        return new WeightsException(path, "is a zip archive, but no .keras model: it has no entry called " + entry);
    }

    /** The weights, by layers. */
    KerasModelWeights requireWeights() {
        return new KerasModelWeights(path, weights.orElseThrow(() -> noWeights(path)));
    }

    static WeightsException noWeights(Path path) {
        return noEntry(path, KerasFile.WEIGHTS_ENTRY);
    }
}
