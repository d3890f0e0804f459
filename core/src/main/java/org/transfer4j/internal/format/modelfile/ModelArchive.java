package org.transfer4j.internal.format.modelfile;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.MalformedModelException;

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

    /**
     * Writes a model file, whole or not at all: a file that was there before stays until the new one is complete.
     *
     * @throws IllegalArgumentException if the contents can't be written: a text that is not JSON, a topology that names
     *     a class which model files may not name, weights that are not float
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, ModelContents contents) {
        ArchiveContent content = new ArchiveContent(ArchiveKind.MODEL, contents.libraryVersion(), contents.backbone());
        try {
            addTexts(content, "", contents);
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This model can't be saved: " + e.reason(), e);
        }
        content.addArrays(contents.weights());
        content.write(file, "model file");
    }

    /** Adds all but the weights, each under its name behind a prefix. */
    static void addTexts(ArchiveContent content, String prefix, ModelContents model) throws MalformedModelException {
        TopologyJson.requireKnownClasses(content.addText(prefix + ArchiveKind.Entries.TOPOLOGY, model.topology()));
        content.add(prefix + ArchiveKind.Entries.NETWORK, NetworkJson.write(model.network()));
        content.addText(prefix + ArchiveKind.Entries.PREPROCESSING, model.preprocessing());
        content.add(prefix + ArchiveKind.Entries.LABELS, NetworkJson.writeLabels(model.classNames()));
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
            ArchiveReading.Parts<ModelContents> parts = ArchiveReading.read(
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
            String libraryVersion, String backbone, String prefix, Map<String, ArchiveReading.Text> texts)
            throws MalformedModelException {
        ArchiveReading.Text topology = text(texts, prefix + ArchiveKind.Entries.TOPOLOGY);
        TopologyJson.requireKnownClasses(topology.value());
        ArchiveReading.Text calibration = texts.get(prefix + ArchiveKind.Entries.CALIBRATION);
        return new ModelContents(
                libraryVersion,
                backbone,
                topology.json(),
                NetworkJson.read(
                        text(texts, prefix + ArchiveKind.Entries.NETWORK).value()),
                text(texts, prefix + ArchiveKind.Entries.PREPROCESSING).json(),
                NetworkJson.readLabels(
                        text(texts, prefix + ArchiveKind.Entries.LABELS).value()),
                text(texts, prefix + ArchiveKind.Entries.HISTORY).json(),
                calibration == null ? null : calibration.json(),
                Map.of());
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

    static ArchiveReading.Text text(Map<String, ArchiveReading.Text> texts, String name) {
        return Objects.requireNonNull(texts.get(name), name);
    }
}
