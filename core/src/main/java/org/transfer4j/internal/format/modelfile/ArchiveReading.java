package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.safetensors.Safetensors;
import org.transfer4j.internal.interrupt.Interruption;

/** One pass over one archive, front to back. What it takes of memory is bounded by the size of the file. */
final class ArchiveReading {
    private final FileChannel channel;
    private final ArchiveKind kind;
    private final StoredZipReader zip;

    private ArchiveReading(FileChannel channel, ArchiveKind kind) {
        this.kind = kind;
        this.channel = channel;
        zip = new StoredZipReader(Channels.newInputStream(channel));
    }

    /** Makes something of the texts, or refuses them. */
    interface TextReading<T> {
        T read(ModelManifest manifest, Map<String, Text> texts) throws MalformedModelException;
    }

    /** A text as it stands in the file, and what it says. */
    record Text(String json, JsonNode value) {}

    /**
     * All that was read.
     *
     * @param former whether the parameters are in the shapes of a former version of the format
     */
    record Parts<T>(T described, Map<String, INDArray> arrays, boolean former) {
        /** The arrays of a network that is described so; with names behind a prefix, without it. */
        Map<String, INDArray> arrays(String topology, NetworkDescription network, String prefix)
                throws MalformedModelException {
            Map<String, INDArray> own = new LinkedHashMap<>();
            arrays.forEach((name, values) -> {
                if (name.startsWith(prefix)) {
                    own.put(name.substring(prefix.length()), values);
                }
            });
            try {
                return former ? FormerParameters.inShapesOfOps(TopologyJson.read(topology, network), own) : own;
            } catch (MalformedModelException e) {
                Safetensors.close(arrays);
                throw e;
            }
        }
    }

    /**
     * Reads a file.
     *
     * @param check looks at what the texts say before memory is taken for the arrays
     * @throws MalformedModelException if it is damaged, something else, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    static <T> Parts<T> read(Path file, ArchiveKind kind, TextReading<T> reading, Consumer<T> check)
            throws MalformedModelException {
        try {
            if (Files.isDirectory(file)) {
                throw new FileSystemException(
                        file.toString(), null, "a " + kind.noun() + " file is needed, but this is a folder");
            }
            return Interruption.deferred(() -> {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                    return new ArchiveReading(channel, kind).read(reading, check);
                }
            });
        } catch (MalformedModelException e) {
            throw e;
        } catch (IOException e) {
            throw FileFailure.of("Can't read the " + kind.noun() + " file " + file, e);
        }
    }

    /** The arrays come last: all else is known to be right before memory is taken for them. */
    private <T> Parts<T> read(TextReading<T> reading, Consumer<T> check) throws IOException {
        requireOwnFormat();
        try {
            ModelManifest manifest =
                    ModelManifest.fromJson(kind, zip.readFirst(ModelManifest.NAME, ModelManifest.LARGEST));
            requireEntries(manifest);
            Map<String, Text> texts = new HashMap<>();
            int last = manifest.entries().size() - 1;
            for (ModelManifest.Entry entry : manifest.entries().subList(0, last)) {
                String text = readText(entry);
                texts.put(entry.name(), new Text(text, StrictJson.parse(entry.name(), text)));
            }
            T described = reading.read(manifest, texts);
            check.accept(described);
            return new Parts<>(
                    described, readWeights(manifest.entries().get(last)), manifest.formatVersion() < kind.version());
        } catch (EOFException e) {
            throw new MalformedModelException("the file is truncated: it ends after " + channel.size() + " bytes", e);
        }
    }

    private void requireOwnFormat() throws IOException {
        if (channel.size() == 0) {
            throw new MalformedModelException("the file is empty");
        }
        if (!StoredZipReader.nameIn(FileKind.head(channel)).equals(ModelManifest.NAME)) {
            throw new MalformedModelException(
                    "not a Transfer4J " + kind.noun() + "; it looks like " + ForeignFormat.describe(channel));
        }
    }

    private void requireEntries(ModelManifest manifest) throws MalformedModelException {
        List<String> names = new ArrayList<>();
        for (ModelManifest.Entry entry : manifest.entries()) {
            names.add(entry.name());
            if (entry.size() > StrictJson.LARGEST && !entry.name().equals(ArchiveKind.Entries.WEIGHTS)) {
                throw new MalformedModelException(
                        entry.name() + " may have " + StrictJson.LARGEST + " bytes at most, but has " + entry.size());
            }
        }
        if (!kind.has(names)) {
            throw new MalformedModelException(ModelManifest.NAME + ": the entries of format version " + kind.version()
                    + " are " + kind.entries() + ", but these are named: " + names);
        }
    }

    private String readText(ModelManifest.Entry entry) throws IOException {
        StoredZipReader.EntryInput in = zip.open(entry.name(), entry.size());
        byte[] bytes = in.readNBytes((int) entry.size());
        requireDigest(entry, in.finish());
        return StrictJson.decode(entry.name(), bytes);
    }

    private Map<String, INDArray> readWeights(ModelManifest.Entry entry) throws IOException {
        StoredZipReader.EntryInput in = zip.open(entry.name(), entry.size());
        if (entry.size() > channel.size()) {
            throw new EOFException();
        }
        Map<String, INDArray> weights = Safetensors.read(ArchiveKind.Entries.WEIGHTS, in, entry.size());
        try {
            requireDigest(entry, in.finish());
            zip.finish();
            return weights;
        } catch (IOException e) {
            Safetensors.close(weights);
            throw e;
        }
    }

    private static void requireDigest(ModelManifest.Entry entry, String sha256) throws MalformedModelException {
        if (!entry.sha256().equals(sha256)) {
            throw new MalformedModelException("the file is damaged: the SHA-256 of " + entry.name() + " must be "
                    + entry.sha256() + ", but is " + sha256);
        }
    }
}
