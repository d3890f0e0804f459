package org.transfer4j.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A good archive of which an input changes one entry, with all checksums right, which a fuzzer would never hit. An input is
 * {@code #}, the entry's number and its new bytes, or {@code !}, the entry's number and {@link Edits} of it; any other is
 * taken for the archive itself.
 */
final class Archive {
    private static final byte REPLACE = '#';

    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int NO_DATE = 0x0021_0000;

    private final byte[] good;
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    /** The first entry, which has the SHA-256 of each other, as in the library's own archives; or "". */
    private final String manifest;

    private final List<String> names;

    private Archive(byte[] good, boolean own) {
        this.good = good;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(good))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        manifest = own ? entries.keySet().iterator().next() : "";
        names = entries.keySet().stream().filter(name -> !name.equals(manifest)).toList();
    }

    static Archive foreign(byte[] good) {
        return new Archive(good, false);
    }

    static Archive own(byte[] good) {
        return new Archive(good, true);
    }

    /** The archives as they are, each entry put in as it was, and each with a change. Entries are numbered through. */
    static Map<String, byte[]> seeds(List<Archive> archives) {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        byte number = 0;
        for (Archive archive : archives) {
            seeds.put("whole" + number, archive.good);
            for (int i = 0; i < archive.names.size(); i++, number++) {
                byte[] content = archive.entry(i);
                seeds.put(
                        "entry" + number,
                        ByteBuffer.allocate(2 + content.length)
                                .put(REPLACE)
                                .put(number)
                                .put(content)
                                .array());
                seeds.put("edit" + number, new byte[] {Edits.MARK, number});
            }
        }
        return seeds;
    }

    static byte[] changed(List<Archive> archives, byte[] input) {
        if (input.length < 2 || (input[0] != REPLACE && input[0] != Edits.MARK)) {
            return input;
        }
        int all = archives.stream().mapToInt(archive -> archive.names.size()).sum();
        int number = (input[1] & 255) % all;
        for (Archive archive : archives) {
            if (number < archive.names.size()) {
                return archive.changed(number, input);
            }
            number -= archive.names.size();
        }
        throw new IllegalStateException("there is no entry " + number);
    }

    private byte[] changed(int number, byte[] input) {
        byte[] content = input[0] == REPLACE
                ? Arrays.copyOfRange(input, 2, input.length)
                : Edits.apply(entry(number), ByteBuffer.wrap(input, 2, input.length - 2));
        return zipped(names.get(number), content);
    }

    private byte[] entry(int number) {
        return entries.getOrDefault(names.get(number), new byte[0]);
    }

    private byte[] zipped(String name, byte[] content) {
        Map<String, byte[]> changed = new LinkedHashMap<>(entries);
        changed.put(name, content);
        changed.computeIfPresent(manifest, (own, json) -> listing(json, name, content));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // as the library writes its own: no flags, no date
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.ISO_8859_1)) {
            for (Map.Entry<String, byte[]> each : changed.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                CRC32 crc = new CRC32();
                crc.update(each.getValue());
                entry.setCrc(crc.getValue());
                entry.setSize(each.getValue().length);
                entry.setMethod(ZipEntry.STORED);
                entry.setTimeLocal(LocalDateTime.of(1980, 2, 1, 0, 0));
                zip.putNextEntry(entry);
                zip.write(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return undated(bytes.toByteArray());
    }

    /** The manifest with the entry's new size and SHA-256. */
    private static byte[] listing(byte[] json, String name, byte[] content) {
        try {
            byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(content);
            String text = new String(json, StandardCharsets.UTF_8);
            String start = "{\"name\":\"" + name + "\",";
            int at = text.indexOf(start);
            return (text.substring(0, at) + start + "\"size\":" + content.length + ",\"sha256\":\""
                            + HexFormat.of().formatHex(sha256) + "\"" + text.substring(text.indexOf('}', at)))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first of January 1980, which ZipOutputStream writes with an extra field. */
    private static byte[] undated(byte[] archive) {
        ByteBuffer bytes = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (bytes.getInt(at) == LOCAL) {
            bytes.putInt(at + 10, NO_DATE);
            at += 30 + bytes.getInt(at + 18) + bytes.getShort(at + 26);
        }
        while (bytes.getInt(at) == CENTRAL) {
            bytes.putInt(at + 12, NO_DATE);
            at += 46 + bytes.getShort(at + 28);
        }
        return archive;
    }
}
