package org.transfer4j.internal.format.modelfile;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.MalformedModelException;

/** Frozen layers in a file of their own: an archive as the model file is, without labels, history and head. */
public final class ExtractorArchive {
    private ExtractorArchive() {}

    /**
     * All that one holds.
     *
     * @param libraryVersion version of the library that wrote it
     * @param backbone name of the backbone
     * @param topology the network in JSON, as {@link TopologyJson} writes it
     * @param network what the topology does not say
     * @param preprocessing JSON
     * @param weights arrays by layer and name, with a slash between; not copied
     */
    public record Contents(
            String libraryVersion,
            String backbone,
            String topology,
            NetworkDescription network,
            String preprocessing,
            Map<String, INDArray> weights) {
        /** Copies the map, but not the arrays. */
        public Contents {
            weights = new LinkedHashMap<>(weights);
        }

        private Contents with(Map<String, INDArray> others) {
            return new Contents(libraryVersion, backbone, topology, network, preprocessing, others);
        }
    }

    /**
     * Writes a file, whole or not at all: one that was there before stays until the new one is complete.
     *
     * @throws IllegalArgumentException if the contents can't be written: the topology names a class which files may not name
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, Contents contents) {
        Archive.Content content =
                new Archive.Content(ArchiveKind.EXTRACTOR, contents.libraryVersion(), contents.backbone());
        try {
            TopologyJson.requireKnownClasses(content.addText(ArchiveKind.Entries.TOPOLOGY, contents.topology()));
            content.add(ArchiveKind.Entries.NETWORK, contents.network().toJson());
            content.addText(ArchiveKind.Entries.PREPROCESSING, contents.preprocessing());
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This feature extractor can't be saved: " + e.reason(), e);
        }
        content.addArrays(contents.weights());
        content.write(file, "feature extractor");
    }

    /**
     * Reads a file.
     *
     * @param check looks at all but the weights, which are not there yet, before memory is taken for them
     * @throws ModelFileException if the file is damaged, no feature extractor, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    public static Contents read(Path file, Consumer<Contents> check) {
        try {
            Archive.Parts<Contents> parts =
                    Archive.read(file, ArchiveKind.EXTRACTOR, ExtractorArchive::contents, check);
            Contents extractor = parts.described();
            return extractor.with(parts.arrays(extractor.topology(), extractor.network(), ""));
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        }
    }

    /** All but the weights. */
    private static Contents contents(Archive.Manifest manifest, Map<String, Archive.Text> texts)
            throws MalformedModelException {
        Archive.Text topology = Archive.text(texts, ArchiveKind.Entries.TOPOLOGY);
        TopologyJson.requireKnownClasses(topology.value());
        return new Contents(
                manifest.libraryVersion(),
                manifest.backbone(),
                topology.json(),
                NetworkDescription.fromJson(
                        Archive.text(texts, ArchiveKind.Entries.NETWORK).value()),
                Archive.text(texts, ArchiveKind.Entries.PREPROCESSING).json(),
                Map.of());
    }
}
