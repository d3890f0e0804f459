package org.transfer4j.internal.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;

/** A zip archive that nobody vouches for. What it says of its sizes is not believed. */
public final class ZipContents {
    private final Path path;
    private final FileChannel channel;
    private final ZipFile zip;
    private final Map<String, ZipArchiveEntry> entries = new LinkedHashMap<>();

    private ZipContents(Path path, FileChannel channel, ZipFile zip) {
        this.path = path;
        this.channel = channel;
        this.zip = zip;
        for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
            if (entries.put(entry.getName(), entry) != null) {
                throw damaged("two entries are called " + entry.getName(), null);
            }
        }
    }

    /** Where bytes lie in the archive. */
    public record Range(long start, long length) {}

    /** Reads the archive's directory. The channel must stay open as long as entries are read. */
    public static ZipContents open(Path path, FileChannel channel) throws IOException {
        try {
            return new ZipContents(
                    path,
                    channel,
                    ZipFile.builder().setSeekableByteChannel(channel).get());
        } catch (IOException | RuntimeException e) {
            throw damaged(path, "its zip directory can't be read", e);
        }
    }

    public Path path() {
        return path;
    }

    public FileChannel channel() {
        return channel;
    }

    public Set<String> names() {
        return entries.keySet();
    }

    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /** Reads a small entry whole. */
    public byte[] bytes(String name, int largest) throws IOException {
        try (InputStream in = stream(name)) {
            byte[] bytes = in.readNBytes(largest);
            if (in.read() >= 0) {
                throw damaged(String.format(Locale.ROOT, "%s is of more than %,d bytes", name, largest), null);
            }
            return bytes;
        } catch (WeightsException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(name + " can't be read", e);
        }
    }

    /** Opens an entry, stored or deflated. What it throws is up to the caller. */
    public InputStream stream(String name) throws IOException {
        ZipArchiveEntry entry = entry(name);
        int method = entry.getMethod();
        if (method != ZipEntry.STORED && method != ZipEntry.DEFLATED) {
            throw damaged(name + " is compressed with method " + method + ", only deflate is read", null);
        }
        return zip.getInputStream(entry);
    }

    /** The checksum that the directory gives an entry. */
    public long checksum(String name) {
        return entry(name).getCrc();
    }

    /** Where an entry lies that is not compressed; its checksum is verified. */
    public Range stored(String name) throws IOException {
        ZipArchiveEntry entry = entry(name);
        Range range = new Range(entry.getDataOffset(), entry.getSize());
        if (entry.getMethod() != ZipEntry.STORED) {
            throw new WeightsException(
                    path,
                    name + " is compressed in it, which Keras does not do; unpack it and name " + name + " itself");
        }
        if (range.start() < 0 || range.length() < 0 || range.start() > channel.size() - range.length()) {
            throw damaged(name + " reaches beyond its end", null);
        }
        try (CheckedInputStream in = new CheckedInputStream(stream(name), new CRC32())) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            if (size != range.length() || in.getChecksum().getValue() != entry.getCrc()) {
                throw damaged("wrong checksum of " + name, null);
            }
        } catch (WeightsException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(name + " can't be read", e);
        }
        return range;
    }

    private ZipArchiveEntry entry(String name) {
        ZipArchiveEntry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("there is no entry " + name);
        }
        return entry;
    }

    private WeightsException damaged(String what, @Nullable Exception cause) {
        return damaged(path, what, cause);
    }

    private static WeightsException damaged(Path path, String what, @Nullable Exception cause) {
        return new WeightsException(path, "is damaged: " + what + (cause == null ? "" : " (" + cause + ")"), cause);
    }
}
