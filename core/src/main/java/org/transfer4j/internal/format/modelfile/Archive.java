package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.modelfile.StoredZip.EntryBody;
import org.transfer4j.internal.format.modelfile.StoredZip.EntryDigest;
import org.transfer4j.internal.format.modelfile.StoredZip.EntryInput;
import org.transfer4j.internal.format.safetensors.Safetensors;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.json.Json;

/**
 * A file of the library: a ZIP of {@code manifest.json}, texts in JSON, and arrays. What it takes of memory to read one is bounded
 * by its size.
 */
final class Archive {
    private Archive() {}

    /** Makes something of the texts, or refuses them. */
    interface TextReading<T> {
        T read(Manifest manifest, Map<String, Text> texts) throws MalformedModelException;
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
                return former ? TopologyJson.inShapesOfOps(TopologyJson.read(topology, network), own) : own;
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
                    return new Reading(channel, kind).read(reading, check);
                }
            });
        } catch (MalformedModelException e) {
            throw e;
        } catch (IOException e) {
            throw FileFailure.of("Can't read the " + kind.noun() + " file " + file, e);
        }
    }

    static Text text(Map<String, Text> texts, String name) {
        return Objects.requireNonNull(texts.get(name), name);
    }

    /** A value as an entry of its own. */
    static byte[] bytes(Object value) {
        return Json.write(value).getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #bytes} wrote. */
    static <T> T value(String entry, JsonNode json, Class<T> type) throws MalformedModelException {
        try {
            return Json.read(json, entry, type);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * What goes into one archive, checked before the file is touched. The arrays are gone through twice, for the
     * checksums and for the file, because both ZIP headers and manifest stand before them.
     */
    static final class Content {
        private final ArchiveKind kind;
        private final String libraryVersion;
        private final String backbone;
        private final Map<String, EntryBody> bodies = new LinkedHashMap<>();

        private record Part(String name, int crc, EntryBody body) {}

        /** Starts an archive without entries; they are added in the order of its kind. */
        Content(ArchiveKind kind, String libraryVersion, String backbone) {
            this.kind = kind;
            this.libraryVersion = libraryVersion;
            this.backbone = backbone;
        }

        /**
         * Writes a file, whole or not at all: one that was there before stays until the new one is complete.
         *
         * @param what what the file is, for the message
         * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
         */
        void write(Path file, String what) {
            ReplacedFile.write(file, what, this::writeTo);
        }

        private void writeTo(FileChannel channel) throws IOException {
            List<Part> parts = new ArrayList<>();
            List<Manifest.Entry> entries = new ArrayList<>();
            for (Map.Entry<String, EntryBody> body : bodies.entrySet()) {
                EntryDigest digest = digestOf(body.getValue());
                parts.add(new Part(body.getKey(), digest.crc(), body.getValue()));
                entries.add(new Manifest.Entry(body.getKey(), body.getValue().size(), digest.sha256()));
            }
            EntryBody manifest =
                    EntryBody.of(bytes(new Manifest(kind.format(), kind.version(), libraryVersion, backbone, entries)));
            // not closed, because that would close the channel, which is still to be forced to the disk
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            StoredZip.Writer zip = new StoredZip.Writer(out);
            zip.add(Manifest.NAME, digestOf(manifest).crc(), manifest);
            for (Part part : parts) {
                zip.add(part.name(), part.crc(), part.body());
            }
            zip.finish();
            out.flush();
        }

        /** Adds a text; gives what it says. */
        JsonNode addText(String name, String json) throws MalformedModelException {
            JsonNode value = StrictJson.parse(name, json);
            add(name, json.getBytes(StandardCharsets.UTF_8));
            return value;
        }

        void add(String name, byte[] bytes) throws MalformedModelException {
            if (bytes.length > StrictJson.LARGEST) {
                throw new MalformedModelException(
                        name + " may have " + StrictJson.LARGEST + " bytes at most, but has " + bytes.length);
            }
            bodies.put(name, EntryBody.of(bytes));
        }

        void addArrays(Map<String, INDArray> arrays) {
            bodies.put(ArchiveKind.Entries.WEIGHTS, EntryBody.of(new Safetensors(arrays)));
        }

        private static EntryDigest digestOf(EntryBody body) throws IOException {
            EntryDigest digest = new EntryDigest();
            body.writing().to(digest);
            return digest;
        }
    }

    /** One pass over one archive, front to back. */
    private static final class Reading {
        private final FileChannel channel;
        private final ArchiveKind kind;
        private final StoredZip.Reader zip;

        Reading(FileChannel channel, ArchiveKind kind) {
            this.kind = kind;
            this.channel = channel;
            zip = new StoredZip.Reader(Channels.newInputStream(channel));
        }

        /** The arrays come last: all else is known to be right before memory is taken for them. */
        <T> Parts<T> read(TextReading<T> reading, Consumer<T> check) throws IOException {
            requireOwnFormat();
            try {
                Manifest manifest = Manifest.fromJson(kind, zip.readFirst(Manifest.NAME, Manifest.LARGEST));
                requireEntries(manifest);
                Map<String, Text> texts = new HashMap<>();
                int last = manifest.entries().size() - 1;
                for (Manifest.Entry entry : manifest.entries().subList(0, last)) {
                    String text = readText(entry);
                    texts.put(entry.name(), new Text(text, StrictJson.parse(entry.name(), text)));
                }
                T described = reading.read(manifest, texts);
                check.accept(described);
                return new Parts<>(
                        described,
                        readWeights(manifest.entries().get(last)),
                        manifest.formatVersion() < kind.version());
            } catch (EOFException e) {
                throw new MalformedModelException(
                        "the file is truncated: it ends after " + channel.size() + " bytes", e);
            }
        }

        private void requireOwnFormat() throws IOException {
            if (channel.size() == 0) {
                throw new MalformedModelException("the file is empty");
            }
            if (!StoredZip.Reader.nameIn(FileKind.head(channel)).equals(Manifest.NAME)) {
                throw new MalformedModelException(
                        "not a Transfer4J " + kind.noun() + "; it looks like " + FileKind.describeForeign(channel));
            }
        }

        private void requireEntries(Manifest manifest) throws MalformedModelException {
            List<String> names = new ArrayList<>();
            for (Manifest.Entry entry : manifest.entries()) {
                names.add(entry.name());
                if (entry.size() > StrictJson.LARGEST && !entry.name().equals(ArchiveKind.Entries.WEIGHTS)) {
                    throw new MalformedModelException(entry.name() + " may have " + StrictJson.LARGEST
                            + " bytes at most, but has " + entry.size());
                }
            }
            if (!kind.has(names)) {
                throw new MalformedModelException(Manifest.NAME + ": the entries of format version " + kind.version()
                        + " are " + kind.entries() + ", but these are named: " + names);
            }
        }

        private String readText(Manifest.Entry entry) throws IOException {
            EntryInput in = zip.open(entry.name(), entry.size());
            byte[] bytes = in.readNBytes((int) entry.size());
            requireDigest(entry, in.finish());
            return StrictJson.decode(entry.name(), bytes);
        }

        private Map<String, INDArray> readWeights(Manifest.Entry entry) throws IOException {
            EntryInput in = zip.open(entry.name(), entry.size());
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

        private static void requireDigest(Manifest.Entry entry, String sha256) throws MalformedModelException {
            if (!entry.sha256().equals(sha256)) {
                throw new MalformedModelException("the file is damaged: the SHA-256 of " + entry.name() + " must be "
                        + entry.sha256() + ", but is " + sha256);
            }
        }
    }

    /**
     * The first entry of an archive: what it is, who wrote it, and size and SHA-256 of every other entry. Its name, its
     * place and the first three properties stay the same in all versions of the format, so that an older library can say
     * which newer one wrote a file.
     *
     * @param format what the archive is, by its {@link ArchiveKind}
     * @param formatVersion version of the format
     * @param libraryVersion version of the library that wrote the archive
     * @param backbone name of the backbone
     * @param entries all other entries in the order of the file
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Manifest(String format, int formatVersion, String libraryVersion, String backbone, List<Entry> entries) {
        static final String NAME = "manifest.json";
        static final int LARGEST = 1 << 20;

        /** What the manifest says of one entry; the SHA-256 in lower-case hexadecimal. */
        @JsonIgnoreProperties(ignoreUnknown = true)
        record Entry(String name, long size, String sha256) {}

        /** What all versions of the format have. */
        @JsonIgnoreProperties(ignoreUnknown = true)
        private record Start(@Nullable String format, int formatVersion, String libraryVersion) {}

        static Manifest fromJson(ArchiveKind kind, byte[] json) throws MalformedModelException {
            String text = StrictJson.decode(NAME, json);
            JsonNode root = StrictJson.parse(NAME, text);
            Start start = value(NAME, root, Start.class);
            if (!kind.format().equals(start.format())) {
                throw new MalformedModelException("not a Transfer4J " + kind.noun() + ": the format in " + NAME
                        + " must be " + kind.format() + ", but is " + start.format());
            }
            if (start.formatVersion() < 1) {
                throw new MalformedModelException(
                        NAME + ": formatVersion must be a whole number from 1, but is " + start.formatVersion());
            }
            String reads = "Transfer4J " + start.libraryVersion() + " wrote this file in version "
                    + start.formatVersion() + " of the " + kind.noun() + " format, and this library reads versions ";
            if (start.formatVersion() > kind.version()) {
                throw new MalformedModelException(reads + "up to " + kind.version() + ". Use Transfer4J "
                        + start.libraryVersion() + " or newer to load it");
            }
            if (start.formatVersion() < kind.oldest()) {
                throw new MalformedModelException(
                        reads + "from " + kind.oldest() + ". Use Transfer4J " + start.libraryVersion() + " for it");
            }
            Manifest manifest = value(NAME, root, Manifest.class);
            for (Entry entry : manifest.entries()) {
                if (entry.size() < 0 || entry.size() > Long.MAX_VALUE / 16) {
                    throw new MalformedModelException(NAME + ": size of " + entry.name()
                            + " must be a whole number from 0 to " + Long.MAX_VALUE / 16 + ", but is " + entry.size());
                }
            }
            return manifest;
        }
    }
}
