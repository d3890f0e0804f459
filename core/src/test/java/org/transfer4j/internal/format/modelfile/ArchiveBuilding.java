package org.transfer4j.internal.format.modelfile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Builds archives whose checksums are right, whatever their contents. */
public final class ArchiveBuilding {
    private final Map<String, byte[]> contents = new LinkedHashMap<>();
    private String manifestFormat = "transfer4j-model";
    private int formatVersion = ArchiveKind.MODEL.version();

    /** The entries of a good archive. */
    static ArchiveBuilding good() {
        ArchiveBuilding building = new ArchiveBuilding();
        building.with("topology.json", SampleModel.configuration().toJson());
        building.with(
                "network.json",
                "{\"inputHeight\":6,\"inputWidth\":8,\"inputChannels\":3,\"cutVertex\":null,\"frozenLayers\":[]}");
        building.with("preprocessing.json", "{}");
        building.with("labels.json", "{\"classNames\":[\"a\",\"b\"]}");
        building.with("history.json", "{}");
        building.withWeights("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
        return building;
    }

    ArchiveBuilding with(String name, String text) {
        return withBytes(name, text.getBytes(StandardCharsets.UTF_8));
    }

    ArchiveBuilding withBytes(String name, byte[] bytes) {
        contents.put(name, bytes);
        return this;
    }

    ArchiveBuilding without(String name) {
        contents.remove(name);
        return this;
    }

    ArchiveBuilding withWeights(String head, int dataLength) {
        return withWeights(head.length(), head, dataLength);
    }

    ArchiveBuilding withWeights(long headLength, String head, int dataLength) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < 8; i++) {
            bytes.write((int) (headLength >>> (8 * i)));
        }
        bytes.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(new byte[dataLength]);
        contents.put("weights.safetensors", bytes.toByteArray());
        return this;
    }

    ArchiveBuilding format(String name, int version) {
        manifestFormat = name;
        formatVersion = version;
        return this;
    }

    Path writeTo(Path file) {
        List<Archive.Manifest.Entry> entries = new ArrayList<>();
        contents.forEach((name, bytes) -> entries.add(new Archive.Manifest.Entry(name, bytes.length, sha256(bytes))));
        String manifest = new String(
                Archive.bytes(new Archive.Manifest(manifestFormat, formatVersion, "9.9", "tiny", entries)),
                StandardCharsets.UTF_8);
        return writeTo(file, manifest);
    }

    Path writeTo(Path file, String manifest) {
        try {
            return Files.write(file, bytes(manifest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] bytes(String manifest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            StoredZip.Writer zip = new StoredZip.Writer(out);
            add(zip, "manifest.json", manifest.getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
                add(zip, entry.getKey(), entry.getValue());
            }
            zip.finish();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Entries of an archive, some of them changed: with the sums of what they are now, as far as the manifest names them. */
    public static byte[] rebuilt(Map<String, byte[]> entries) {
        ArchiveBuilding building = new ArchiveBuilding();
        building.contents.putAll(entries);
        String manifest =
                new String(Objects.requireNonNull(building.contents.remove("manifest.json")), StandardCharsets.UTF_8);
        for (Map.Entry<String, byte[]> entry : building.contents.entrySet()) {
            byte[] bytes = entry.getValue();
            manifest = manifest.replaceFirst(
                    "(\"name\":\"\\Q" + entry.getKey() + "\\E\",\"size\":)\\d+,\"sha256\":\"\\w+\"",
                    "$1" + bytes.length + ",\"sha256\":\"" + sha256(bytes) + "\"");
        }
        return building.bytes(manifest);
    }

    private static void add(StoredZip.Writer zip, String name, byte[] bytes) throws IOException {
        StoredZip.EntryDigest digest = new StoredZip.EntryDigest();
        digest.write(bytes, 0, bytes.length);
        zip.add(name, digest.crc(), StoredZip.EntryBody.of(bytes));
    }

    private static String sha256(byte[] bytes) {
        StoredZip.EntryDigest digest = new StoredZip.EntryDigest();
        digest.write(bytes, 0, bytes.length);
        return digest.sha256();
    }
}
