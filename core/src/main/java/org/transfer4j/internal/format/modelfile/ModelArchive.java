package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.label.LabelText;

/**
 * The model file. A ZIP file of stored entries: {@code manifest.json}, which has the sizes and SHA-256 of the others;
 * {@code topology.json}, {@code network.json}, {@code preprocessing.json}, {@code labels.json}, {@code history.json},
 * of a calibrated classifier {@code calibration.json}, and {@code weights.safetensors}. Any ZIP tool can look into it; to be loaded it must be as this class wrote it, to
 * the bit. Nothing in it depends on the time or on the machine: the same contents give the same bytes.
 *
 * <p>The checksums find damage, not forgery: a file from a stranger may hold any weights. What it can't do is run code.
 */
public final class ModelArchive {
    private ModelArchive() {}

    /** The entry {@code labels.json}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Labels(List<String> classNames) {}

    /**
     * Writes a model file, whole or not at all: a file that was there before stays until the new one is complete.
     *
     * @throws IllegalArgumentException if the contents can't be written: a text that is not JSON, a topology that names
     *     a class which model files may not name, weights that are not float
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, ModelContents contents) {
        Archive.Content content =
                new Archive.Content(ArchiveKind.MODEL, contents.libraryVersion(), contents.backbone());
        try {
            addTexts(content, "", contents);
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This model can't be saved: " + e.reason(), e);
        }
        content.addArrays(contents.weights());
        content.write(file, "model file");
    }

    /** Adds all but the weights, each under its name behind a prefix. */
    static void addTexts(Archive.Content content, String prefix, ModelContents model) throws MalformedModelException {
        TopologyJson.requireKnownClasses(content.addText(prefix + ArchiveKind.Entries.TOPOLOGY, model.topology()));
        content.add(prefix + ArchiveKind.Entries.NETWORK, model.network().toJson());
        content.addText(prefix + ArchiveKind.Entries.PREPROCESSING, model.preprocessing());
        content.add(prefix + ArchiveKind.Entries.LABELS, Archive.bytes(new Labels(model.classNames())));
        content.addText(prefix + ArchiveKind.Entries.HISTORY, model.history());
        if (model.calibration() != null) {
            content.addText(prefix + ArchiveKind.Entries.CALIBRATION, model.calibration());
        }
    }

    /**
     * Reads a model file.
     *
     * @param check looks at all but the weights, which are not there yet, before memory is taken for them
     * @throws ModelFileException if the file is damaged, not a Transfer4J model, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    public static ModelContents read(Path file, Consumer<ModelContents> check) {
        try {
            Archive.Parts<ModelContents> parts = Archive.read(
                    file,
                    ArchiveKind.MODEL,
                    (manifest, texts) -> contents(manifest.libraryVersion(), manifest.backbone(), "", texts),
                    check);
            ModelContents model = parts.described();
            return model.with(parts.arrays(model.topology(), model.network(), ""));
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
    }

    /** A model without weights, whose texts stand behind a prefix; its topology names no class that model files may not name. */
    static ModelContents contents(
            String libraryVersion, String backbone, String prefix, Map<String, Archive.Text> texts)
            throws MalformedModelException {
        Archive.Text topology = Archive.text(texts, prefix + ArchiveKind.Entries.TOPOLOGY);
        TopologyJson.requireKnownClasses(topology.value());
        Archive.Text calibration = texts.get(prefix + ArchiveKind.Entries.CALIBRATION);
        return new ModelContents(
                libraryVersion,
                backbone,
                topology.json(),
                NetworkDescription.fromJson(Archive.text(texts, prefix + ArchiveKind.Entries.NETWORK)
                        .value()),
                Archive.text(texts, prefix + ArchiveKind.Entries.PREPROCESSING).json(),
                labels(Archive.text(texts, prefix + ArchiveKind.Entries.LABELS).value()),
                Archive.text(texts, prefix + ArchiveKind.Entries.HISTORY).json(),
                calibration == null ? null : calibration.json(),
                Map.of());
    }

    private static List<String> labels(JsonNode json) throws MalformedModelException {
        List<String> names =
                Archive.value(ArchiveKind.Entries.LABELS, json, Labels.class).classNames();
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            Optional<String> flaw = LabelText.unusable(name);
            if (flaw.isPresent()) {
                throw new MalformedModelException(ArchiveKind.Entries.LABELS + " has a class whose name, \""
                        + LabelText.shown(name) + "\", has " + flaw.get());
            }
            if (!seen.add(LabelText.normal(name))) {
                throw new MalformedModelException(ArchiveKind.Entries.LABELS + " has the class \"" + name + "\" twice");
            }
        }
        return names.stream().map(LabelText::normal).toList();
    }

    /** Arrays by layer and name, which in their names in a file have a slash between them. */
    public static Map<String, Map<String, INDArray>> byLayer(Map<String, INDArray> arrays) {
        Map<String, Map<String, INDArray>> layers = new LinkedHashMap<>();
        arrays.forEach((name, values) -> {
            int slash = name.lastIndexOf('/');
            layers.computeIfAbsent(name.substring(0, Math.max(0, slash)), layer -> new LinkedHashMap<>())
                    .put(name.substring(slash + 1), values);
        });
        return layers;
    }

    /**
     * All that one model file holds. The texts are JSON; the archive checks only that, their meaning belongs to the caller.
     *
     * @param libraryVersion version of the library that made the model
     * @param backbone name of the backbone, as in {@code vgg16}
     * @param topology JSON of the whole network, see {@link TopologyJson}
     * @param network input size, cut and frozen layers
     * @param preprocessing JSON that says what is done to an image before it enters the network
     * @param classNames one name for each output of the network, in that order
     * @param history JSON of how the training went
     * @param calibration JSON of what held-out images said of the outputs, null if there is none
     * @param weights float arrays under names such as {@code block1_conv1/W}, in the shapes of the ops, written in the order of
     *     this map. The arrays are not copied
     */
    public record ModelContents(
            String libraryVersion,
            String backbone,
            String topology,
            NetworkDescription network,
            String preprocessing,
            List<String> classNames,
            String history,
            @Nullable String calibration,
            Map<String, INDArray> weights) {
        /** One that is not calibrated. */
        public ModelContents(
                String libraryVersion,
                String backbone,
                String topology,
                NetworkDescription network,
                String preprocessing,
                List<String> classNames,
                String history,
                Map<String, INDArray> weights) {
            this(libraryVersion, backbone, topology, network, preprocessing, classNames, history, null, weights);
        }

        /** Copies the list and the map, but not the arrays. */
        public ModelContents {
            classNames = List.copyOf(classNames);
            weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
        }

        /** The same with other weights. */
        ModelContents with(Map<String, INDArray> others) {
            return new ModelContents(
                    libraryVersion,
                    backbone,
                    topology,
                    network,
                    preprocessing,
                    classNames,
                    history,
                    calibration,
                    others);
        }
    }
}
