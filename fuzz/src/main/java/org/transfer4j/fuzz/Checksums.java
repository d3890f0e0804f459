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
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Makes checksums right that a fuzzer would never hit. An input of an archive is a small container of ours: pairs of an entry's
 * number and its new bytes, put into a good archive; what is no such container is taken as it is.
 */
final class Checksums {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** Chosen so that no archive begins with it. */
    static final byte REPLACE = '#';

    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int NO_DATE = 0x0021_0000;

    private Checksums() {}

    /** Each chunk that is all there gets its CRC. */
    static byte[] png(byte[] input) {
        byte[] mended = input.clone();
        ByteBuffer bytes = ByteBuffer.wrap(mended);
        int at = PNG.length;
        while (at + 12 <= mended.length) {
            int length = bytes.getInt(at);
            if (length < 0 || length > mended.length - at - 12) {
                break;
            }
            CRC32 crc = new CRC32();
            crc.update(mended, at + 4, length + 4);
            bytes.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
        return mended;
    }

    /** "#", the number of an entry, its bytes: put into the seed, deflated as it was or not. */
    static byte[] zip(byte[] input, byte[] good) {
        if (input.length < 2 || input[0] != REPLACE) {
            return input;
        }
        Map<String, byte[]> entries = entries(good);
        String name = nth(entries, input[1], 0);
        entries.put(name, rest(input));
        return zipped(entries, ZipEntry.DEFLATED);
    }

    /** As {@link #zip}, with the SHA-256 of each entry in the manifest, which comes first. */
    static byte[] archive(byte[] input, byte[] good) {
        if (input.length < 2 || input[0] != REPLACE) {
            return input;
        }
        Map<String, byte[]> entries = entries(good);
        String manifest = entries.keySet().iterator().next();
        String name = nth(entries, input[1], 1);
        String text = new String(entries.get(manifest), StandardCharsets.UTF_8);
        byte[] content = rest(input);
        text = text.replaceFirst(
                "\"name\":\"" + name.replace(".", "\\.") + "\",\"size\":[0-9]+,\"sha256\":\"[0-9a-f]+\"",
                "\"name\":\"" + name + "\",\"size\":" + content.length + ",\"sha256\":\"" + sha256(content) + "\"");
        entries.put(manifest, text.getBytes(StandardCharsets.UTF_8));
        entries.put(name, content);
        return zipped(entries, ZipEntry.STORED);
    }

    /** The inputs that put each entry into the archive as it was. */
    static Map<String, byte[]> replacements(byte[] good, int first) {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        int number = 0;
        for (byte[] content : entries(good).values()) {
            if (number >= first) {
                ByteArrayOutputStream seed = new ByteArrayOutputStream();
                seed.write(REPLACE);
                seed.write(number - first);
                seed.writeBytes(content);
                seeds.put("entry" + number, seed.toByteArray());
            }
            number++;
        }
        return seeds;
    }

    private static String nth(Map<String, byte[]> entries, byte number, int first) {
        return entries.keySet().stream()
                .skip(first + (number & 255) % (entries.size() - first))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] rest(byte[] input) {
        return Arrays.copyOfRange(input, 2, input.length);
    }

    private static Map<String, byte[]> entries(byte[] archive) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    private static byte[] zipped(Map<String, byte[]> entries, int method) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // as the library writes its own: no flags, no date
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.ISO_8859_1)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                entry.setMethod(method);
                entry.setTimeLocal(LocalDateTime.of(1980, 2, 1, 0, 0));
                if (method == ZipEntry.STORED) {
                    CRC32 crc = new CRC32();
                    crc.update(each.getValue());
                    entry.setCrc(crc.getValue());
                    entry.setSize(each.getValue().length);
                }
                zip.putNextEntry(entry);
                zip.write(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return method == ZipEntry.STORED ? undated(bytes.toByteArray()) : bytes.toByteArray();
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

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
