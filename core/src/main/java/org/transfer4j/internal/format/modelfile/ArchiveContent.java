package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.safetensors.Safetensors;

/**
 * What goes into one archive, checked before the file is touched. The arrays are gone through twice, for the
 * checksums and for the file, because both ZIP headers and manifest stand before them.
 */
final class ArchiveContent {
    private final ArchiveKind kind;
    private final String libraryVersion;
    private final String backbone;
    private final Map<String, EntryBody> bodies = new LinkedHashMap<>();

    private record Part(String name, int crc, EntryBody body) {}

    /** Starts an archive without entries; they are added in the order of its kind. */
    ArchiveContent(ArchiveKind kind, String libraryVersion, String backbone) {
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
        List<ModelManifest.Entry> entries = new ArrayList<>();
        for (Map.Entry<String, EntryBody> body : bodies.entrySet()) {
            EntryDigest digest = digestOf(body.getValue());
            parts.add(new Part(body.getKey(), digest.crc(), body.getValue()));
            entries.add(new ModelManifest.Entry(body.getKey(), body.getValue().size(), digest.sha256()));
        }
        EntryBody manifest = EntryBody.of(
                new ModelManifest(kind.format(), kind.version(), libraryVersion, backbone, entries).toJson());
        // not closed, because that would close the channel, which is still to be forced to the disk
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        StoredZipWriter zip = new StoredZipWriter(out);
        zip.add(ModelManifest.NAME, digestOf(manifest).crc(), manifest);
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

    /** Writes a ZIP file of stored entries front to back. */
    static final class StoredZipWriter {
        private final OutputStream out;
        private final List<ZipHeader> entries = new ArrayList<>();
        private long position;

        StoredZipWriter(OutputStream out) {
            this.out = out;
        }

        void add(String name, int crc, EntryBody body) throws IOException {
            ZipHeader header = new ZipHeader(name, body.size(), crc, position);
            byte[] local = header.local();
            out.write(local);
            body.writing().to(out);
            position += local.length + body.size();
            entries.add(header);
        }

        void finish() throws IOException {
            out.write(ZipHeader.Directory.bytes(entries, position));
        }
    }

    /** The content of one entry. It can be written more than once: first to take its checksums, then into the file. */
    record EntryBody(long size, Writing writing) {
        interface Writing {
            void to(OutputStream out) throws IOException;
        }

        static EntryBody of(Safetensors arrays) {
            return new EntryBody(arrays.size(), arrays::writeTo);
        }

        static EntryBody of(byte[] bytes) {
            return new EntryBody(bytes.length, out -> out.write(bytes));
        }
    }
}
