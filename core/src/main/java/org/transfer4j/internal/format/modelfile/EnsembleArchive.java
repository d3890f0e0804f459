package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.format.safetensors.Safetensors;
import org.transfer4j.internal.json.Json;

/**
 * Several classifiers in one file: an archive as the model file is, of {@code ensemble.json}, then for each classifier the texts of
 * a model file behind its number from 1 and a slash ({@code 1/topology.json}), and one {@code weights.safetensors} in which the names
 * of its arrays are behind the same.
 */
public final class EnsembleArchive {
    /** How many classifiers an ensemble may have; as many networks are in memory. */
    public static final int MOST = 64;

    static final String ENSEMBLE = "ensemble.json";
    private static final int VERSION = 1;

    private EnsembleArchive() {}

    static String prefix(int model) {
        return model + "/";
    }

    /**
     * All that one holds.
     *
     * @param libraryVersion version of the library that wrote it
     * @param weights how much each classifier counts
     * @param models the classifiers
     */
    public record Contents(String libraryVersion, List<Double> weights, List<ModelContents> models) {
        /** Copies the lists. */
        public Contents {
            weights = List.copyOf(weights);
            models = List.copyOf(models);
        }
    }

    /** What stands in {@code ensemble.json}; one backbone and one weight a classifier. */
    private record Stored(int version, List<String> backbones, List<Double> weights) {}

    /**
     * Writes a file, whole or not at all: one that was there before stays until the new one is complete.
     *
     * @throws IllegalArgumentException if the contents can't be written: a topology names a class which files may not name
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, Contents contents) {
        List<String> backbones =
                contents.models().stream().map(ModelContents::backbone).toList();
        Archive.Content content = new Archive.Content(
                ArchiveKind.ENSEMBLE,
                contents.libraryVersion(),
                backbones.stream().distinct().collect(Collectors.joining(", ")));
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try {
            content.addText(ENSEMBLE, Json.write(new Stored(VERSION, backbones, contents.weights())));
            int number = 0;
            for (ModelContents model : contents.models()) {
                String prefix = prefix(++number);
                ModelArchive.addTexts(content, prefix, model);
                model.weights().forEach((name, values) -> arrays.put(prefix + name, values));
            }
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This ensemble can't be saved: " + e.reason(), e);
        }
        content.addArrays(arrays);
        content.write(file, "classifier ensemble");
    }

    /**
     * Reads a file.
     *
     * @param check looks at all but the weights, which are not there yet, before memory is taken for them
     * @throws ModelFileException if the file is damaged, no ensemble, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    public static Contents read(Path file, Consumer<Contents> check) {
        try {
            Archive.Parts<Contents> parts = Archive.read(file, ArchiveKind.ENSEMBLE, EnsembleArchive::contents, check);
            try {
                return filled(parts);
            } catch (MalformedModelException e) {
                Safetensors.close(parts.arrays());
                throw e;
            }
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
    }

    /** All but the weights. */
    private static Contents contents(Archive.Manifest manifest, Map<String, Archive.Text> texts)
            throws MalformedModelException {
        Stored stored = stored(Archive.text(texts, ENSEMBLE).value());
        List<ModelContents> models = new ArrayList<>();
        for (String backbone : stored.backbones()) {
            String prefix = prefix(models.size() + 1);
            if (!texts.containsKey(prefix + ArchiveKind.Entries.TOPOLOGY)) {
                break;
            }
            models.add(ModelArchive.contents(manifest.libraryVersion(), backbone, prefix, texts));
        }
        String following = prefix(models.size() + 1) + ArchiveKind.Entries.TOPOLOGY;
        if (models.size() != stored.weights().size()
                || models.size() != stored.backbones().size()
                || texts.containsKey(following)) {
            throw new MalformedModelException(
                    ENSEMBLE + ": there must be a weight and a backbone for each classifier, but" + " it has "
                            + stored.weights().size() + " weights and "
                            + stored.backbones().size() + " backbones");
        }
        return new Contents(manifest.libraryVersion(), stored.weights(), models);
    }

    private static Contents filled(Archive.Parts<Contents> parts) throws MalformedModelException {
        Contents described = parts.described();
        Map<String, INDArray> arrays = parts.arrays();
        List<ModelContents> models = new ArrayList<>();
        int taken = 0;
        for (ModelContents model : described.models()) {
            Map<String, INDArray> own = parts.arrays(model.topology(), model.network(), prefix(models.size() + 1));
            taken += own.size();
            models.add(model.with(own));
        }
        if (taken != arrays.size()) {
            throw new MalformedModelException(
                    (arrays.size() - taken) + " of its arrays belong to none of its " + models.size() + " classifiers");
        }
        return new Contents(described.libraryVersion(), described.weights(), models);
    }

    private static Stored stored(JsonNode json) throws MalformedModelException {
        try {
            Stored stored = Json.read(json, ENSEMBLE, Stored.class);
            Json.requireVersion(stored.version(), VERSION, "an ensemble");
            if (stored.backbones().size() > MOST) {
                throw new IllegalArgumentException("an ensemble has at most " + MOST + " classifiers, got "
                        + stored.backbones().size());
            }
            return stored;
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(ENSEMBLE + ": " + e.getMessage(), e);
        }
    }
}
