package org.transfer4j.dataset;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Reads the IDX format of the MNIST files (Y. LeCun, "The MNIST database of handwritten digits"), plain or compressed
 * with gzip, whatever the file's name says.
 */
final class IdxReader {
    private static final int IMAGES = 0x0803;
    private static final int LABELS = 0x0801;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int MOST_EMPTY_MEMBERS = 10;

    /** What is kept of a label: its class and its place. */
    private static final long LABEL_BYTES = 2 * Integer.BYTES;

    /** Deflate never does better, so that a compressed file bounds what its header may promise. */
    private static final long BEST_COMPRESSION = 1032;

    private final Path file;
    private final DataInputStream stream;
    private final boolean compressed;

    private IdxReader(Path file, InputStream raw) throws IOException {
        this.file = file;
        BufferedInputStream buffered = new BufferedInputStream(raw, 1 << 16);
        buffered.mark(2);
        this.compressed = buffered.read() == 0x1F && buffered.read() == 0x8B;
        buffered.reset();
        this.stream = new DataInputStream(compressed ? new BufferedInputStream(unpacked(buffered)) : buffered);
    }

    /** Java's reader calls itself for each member of a gzip file that is empty. */
    private static InputStream unpacked(InputStream packed) throws IOException {
        return new GZIPInputStream(packed, 1 << 16) {
            private int depth;

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (depth > MOST_EMPTY_MEMBERS) {
                    throw new ZipException("more than " + MOST_EMPTY_MEMBERS + " empty members one after the other");
                }
                depth++;
                try {
                    return super.read(into, offset, length);
                } finally {
                    depth--;
                }
            }
        };
    }

    /** The images, one byte a pixel. */
    static ImageSource.Gray images(Path file) {
        return read(file, IdxReader::images);
    }

    /**
     * The labels, 0 to 255.
     *
     * @param count is told how many there are, before they are read
     */
    static int[] labels(Path file, IntConsumer count) {
        return read(file, reader -> reader.labels(count));
    }

    private static <T> T read(Path file, Body<T> body) {
        if (Files.isDirectory(file)) {
            throw new DatasetException(file, "is a folder, but an IDX file is needed");
        }
        try {
            return Interruption.deferred(() -> readWhole(file, body));
        } catch (NoSuchFileException e) {
            throw new DatasetException(file, "does not exist", e);
        } catch (EOFException e) {
            throw new DatasetException(file, "is truncated: it ends before what its header promises", e);
        } catch (ZipException e) {
            throw new DatasetException(file, "is damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw FileFailure.of("can't read the IDX file " + file, e);
        }
    }

    private static <T> T readWhole(Path file, Body<T> body) throws IOException {
        try (InputStream raw = Files.newInputStream(file)) {
            IdxReader reader = new IdxReader(file, raw);
            T result = body.read(reader);
            if (reader.stream.read() >= 0) {
                throw new DatasetException(file, "has bytes behind its last item, which its header does not count");
            }
            return result;
        }
    }

    private ImageSource.Gray images() throws IOException {
        requireMagic(IMAGES);
        int count = dimension("images", Integer.MAX_VALUE);
        int height = dimension("rows", Integer.MAX_VALUE);
        int width = dimension("columns", Integer.MAX_VALUE);
        try {
            ImageOrigin.file(file).requirePixels(width, height);
        } catch (ImageException e) {
            throw new DatasetException(file, "holds images of which each " + e.reason(), e);
        }
        requirePromise((long) count * height * width, (long) count * height * width + count * LABEL_BYTES);
        int length = Math.multiplyExact(height, width);
        int perBlock = Math.max(1, BLOCK_BYTES / length);
        List<byte[]> blocks = new ArrayList<>();
        for (int left = count; left > 0; left -= Math.min(perBlock, left)) {
            byte[] block = new byte[Math.min(perBlock, left) * length];
            stream.readFully(block);
            blocks.add(block);
        }
        return new ImageSource.Gray(file, count, height, width, perBlock, blocks);
    }

    private int[] labels(IntConsumer counted) throws IOException {
        requireMagic(LABELS);
        int count = dimension("labels", Integer.MAX_VALUE - 8);
        requirePromise(count, count * LABEL_BYTES);
        counted.accept(count);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = stream.readUnsignedByte();
        }
        return labels;
    }

    private void requireMagic(int expected) throws IOException {
        int magic = stream.readInt();
        if (magic == expected) {
            return;
        }
        boolean swapped = magic == IMAGES || magic == LABELS;
        throw new DatasetException(
                file,
                String.format(
                        "has the magic number 0x%08X where 0x%08X, %s of unsigned bytes, is expected%s",
                        magic,
                        expected,
                        expected == IMAGES ? "images" : "labels",
                        swapped ? ": are the two files swapped?" : ": is it an IDX file?"));
    }

    private int dimension(String what, int most) throws IOException {
        long value = stream.readInt() & 0xFFFFFFFFL;
        if (value < 1 || value > most) {
            throw new DatasetException(file, "must have 1 to " + most + " " + what + ", but its header says " + value);
        }
        return (int) value;
    }

    /** Before anything is allocated: a header of 16 bytes, or few that were compressed well, must not cost gigabytes. */
    private void requirePromise(long bytes, long kept) throws IOException {
        long most = Files.size(file) * (compressed ? BEST_COMPRESSION : 1);
        if (bytes > most) {
            throw new DatasetException(
                    file,
                    "is truncated: its header promises " + bytes + " bytes, more than its " + Files.size(file)
                            + (compressed ? " compressed" : "") + " bytes can hold");
        }
        if (kept > Runtime.getRuntime().maxMemory()) {
            throw new DatasetException(
                    file,
                    "takes " + kept + " bytes, more than the heap's limit of "
                            + Runtime.getRuntime().maxMemory() + " (set by -Xmx)");
        }
    }

    private interface Body<T> {
        T read(IdxReader reader) throws IOException;
    }
}
