package org.transfer4j.similarity;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.distance.VectorSearch;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.MappedFile;
import org.transfer4j.internal.file.ReplacedFile;

/**
 * Vectors of images in a file, with the images' names and labels. Little-endian: a header of 64 bytes ({@link #MAGIC}, version,
 * width, rows as ints, the bytes of the text as a long, the CRC-32C of all the rest as an int, the SHA-256 of what made the vectors),
 * the vectors as floats, row by row, and the text: the names and labels of each row, each as its number of bytes and UTF-8. In
 * version 1, which is written where it is not known what made the vectors, the SHA-256 is zeros of which the checksum is not.
 */
final class IndexFile {
    private static final long MAGIC = 0x3158444E494A3454L; // "T4JINDX1"
    private static final int WITHOUT_DIGEST = 1;
    private static final int WITH_DIGEST = 2;

    /** How many features an image of an index has at most. */
    private static final int WIDEST = 1 << 16;

    private static final int HEADER = 64;
    private static final int CHECKED_HEADER = 28;
    private static final int DIGEST = 32;
    private static final int LARGEST_PART = 1 << 30;
    private static final int LONGEST_TEXT = 1 << 16;
    private static final int BUFFER = 1 << 16;
    private static final float TOLERANCE = 1e-3f;

    private IndexFile() {}

    /**
     * What an index knows of its images.
     *
     * @param digest of what made the vectors, 64 hexadecimal digits; empty where it is not known
     */
    record Content(VectorSearch vectors, List<String> images, List<String> labels, Optional<String> digest) {}

    /**
     * Writes a file, whole or not at all.
     *
     * @throws IllegalArgumentException if it were one that {@link #open} refuses
     */
    static void write(Path file, Content content) {
        VectorSearch vectors = content.vectors();
        requireWidth(vectors.width());
        List<byte[]> texts = new ArrayList<>();
        for (int i = 0; i < vectors.rows(); i++) {
            for (String text : List.of(content.images().get(i), content.labels().get(i))) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                if (bytes.length > LONGEST_TEXT) {
                    throw new IllegalArgumentException("the name of an image and its label have " + LONGEST_TEXT
                            + " bytes at most, got " + bytes.length);
                }
                texts.add(bytes);
            }
        }
        long textBytes =
                texts.stream().mapToLong(bytes -> Integer.BYTES + bytes.length).sum();
        requireText(textBytes);
        ReplacedFile.write(file, "index", channel -> {
            try {
                write(channel, content, texts, textBytes);
            } catch (InternalError e) {
                throw MappedFile.fault(e);
            }
        });
    }

    private static void write(FileChannel channel, Content content, List<byte[]> texts, long textBytes)
            throws IOException {
        VectorSearch vectors = content.vectors();
        byte[] digest = content.digest().map(HexFormat.of()::parseHex).orElse(new byte[0]);
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(MAGIC)
                .putInt(digest.length == 0 ? WITHOUT_DIGEST : WITH_DIGEST)
                .putInt(vectors.width())
                .putInt(vectors.rows())
                .putLong(textBytes);
        CRC32C sum = new CRC32C();
        sum.update(header.array(), 0, CHECKED_HEADER);
        sum.update(digest);
        writeContent(new CheckedOutputStream(OutputStream.nullOutputStream(), sum), vectors, texts);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        out.write(header.putInt((int) sum.getValue()).put(digest).array());
        writeContent(out, vectors, texts);
        vectors.requireWhole();
        out.flush();
    }

    private static void writeContent(OutputStream out, VectorSearch vectors, List<byte[]> texts) throws IOException {
        float[] row = new float[vectors.width()];
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < vectors.rows(); i++) {
            vectors.read(i, row);
            bytes.asFloatBuffer().put(row);
            out.write(bytes.array());
        }
        for (byte[] text : texts) {
            out.write(length(text));
            out.write(text);
        }
    }

    /** Refuses vectors that no index has. */
    static void requireWidth(long width) {
        if (width < 1 || width > WIDEST) {
            throw new IllegalArgumentException("an index has images of 1 to " + WIDEST + " features, got " + width
                    + "; Head.globalAveragePooling() has fewer features than Head.flatten()");
        }
    }

    /** Refuses more text than a file has. */
    static void requireText(long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the names and labels of all images have " + Integer.MAX_VALUE + " bytes at most, got " + bytes);
        }
    }

    private static byte[] length(byte[] text) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length)
                .array();
    }

    /**
     * Maps a file into memory, and reads it once to check it.
     *
     * @throws ModelFileException if it is none, damaged, or of a newer version
     */
    static Content open(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(file, channel);
        } catch (BufferUnderflowException | CharacterCodingException | InternalError e) {
            throw new ModelFileException(file, "it is damaged: " + e);
        } catch (IOException e) {
            throw FileFailure.of(file + " can't be read", e);
        }
    }

    private static Content read(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        require(file, size >= HEADER, "it is no index of features: it has " + size + " bytes");
        ByteBuffer header = map(channel, 0, HEADER);
        require(file, header.getLong() == MAGIC, "it is no index of features: it does not begin with T4JINDX1");
        int version = header.getInt();
        require(
                file,
                version == WITHOUT_DIGEST || version == WITH_DIGEST,
                "it has version " + version + ", but this library reads versions " + WITHOUT_DIGEST + " and "
                        + WITH_DIGEST);
        int width = header.getInt();
        int rows = header.getInt();
        long text = header.getLong();
        int expected = header.getInt();
        byte[] digest = new byte[version == WITH_DIGEST ? DIGEST : 0];
        header.get(digest);
        require(file, width >= 1 && width <= WIDEST, "its vectors must have 1 to " + WIDEST + " values, not " + width);
        require(file, rows >= 1, "it must have 1 image or more, not " + rows);
        long vectors = (long) rows * width * Float.BYTES;
        require(
                file,
                text >= 0 && text <= Integer.MAX_VALUE && size == HEADER + vectors + text,
                "it must have " + HEADER + " + " + vectors + " + " + text + " bytes, but has " + size);
        // also a bound for what is counted in ints below
        require(
                file,
                rows <= text / (2 * Integer.BYTES),
                "it is damaged: its " + text + " bytes of text are too few for the names and labels of " + rows
                        + " images");
        CRC32C sum = new CRC32C();
        sum.update(header.slice(0, CHECKED_HEADER));
        sum.update(digest);
        int rowsPerPart = LARGEST_PART / (width * Float.BYTES);
        List<FloatBuffer> parts = new ArrayList<>();
        for (int row = 0; row < rows; row += rowsPerPart) {
            long bytes = (long) Math.min(rowsPerPart, rows - row) * width * Float.BYTES;
            ByteBuffer part = map(channel, HEADER + (long) row * width * Float.BYTES, bytes);
            sum.update(part.duplicate());
            parts.add(part.asFloatBuffer());
        }
        ByteBuffer texts = map(channel, HEADER + vectors, text);
        sum.update(texts.duplicate());
        require(file, (int) sum.getValue() == expected, "it is damaged: its checksum is another");
        VectorSearch search = new VectorSearch(width, rows, rowsPerPart, parts, MappedFile.of(file));
        requireUnit(file, search);
        List<String> images = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            images.add(text(file, texts));
            labels.add(text(file, texts));
        }
        require(file, !texts.hasRemaining(), "it is damaged: it has more text than images");
        search.requireWhole();
        return new Content(
                search,
                List.copyOf(images),
                List.copyOf(labels),
                Optional.of(HexFormat.of().formatHex(digest)).filter(known -> !known.isEmpty()));
    }

    private static ByteBuffer map(FileChannel channel, long start, long bytes) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, start, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A checksum says nothing of who made it: what is no number would be neither near nor far. */
    private static void requireUnit(Path file, VectorSearch vectors) {
        float[] row = new float[vectors.width()];
        for (int i = 0; i < vectors.rows(); i++) {
            vectors.read(i, row);
            float squares = Distances.product(row, row, 0);
            require(
                    file,
                    squares == 0 || Math.abs(squares - 1) < TOLERANCE,
                    "vector " + i + " must be of length 1, but the square of its length is " + squares);
        }
    }

    private static String text(Path file, ByteBuffer texts) throws CharacterCodingException {
        int length = texts.getInt();
        require(file, length >= 0 && length <= LONGEST_TEXT, "it is damaged: a text of " + length + " bytes");
        if (length > texts.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer bytes = texts.slice(texts.position(), length);
        texts.position(texts.position() + length);
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }

    private static void require(Path file, boolean holds, String reason) {
        if (!holds) {
            throw new ModelFileException(file, reason);
        }
    }
}
