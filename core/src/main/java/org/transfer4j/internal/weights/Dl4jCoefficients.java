package org.transfer4j.internal.weights;

import static org.transfer4j.internal.weights.Dl4jZip.COEFFICIENTS;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;

/**
 * An array as {@code Nd4j.write} writes it, read in order: two buffers, of the shape and of the values, each with the
 * name of its kind of memory, its length, the name of its type, and its big-endian values.
 */
final class Dl4jCoefficients implements Closeable {
    /** Kinds of memory that stand before a length of 32 bits; it has 64 bits with the others. */
    private static final Set<String> SHORT_LENGTH = Set.of("DIRECT", "HEAP", "JAVACPP");

    private static final Set<String> LONG_LENGTH = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

    /** What describes a shape of 32 dimensions, the most of ND4J. */
    private static final int LONGEST_SHAPE = 68;

    private static final int PIECE = 1 << 16;

    private final ZipContents zip;
    private @Nullable DataInputStream in;
    private Header header = new Header(0, "", 0);
    private long position;
    private float[] last = {};
    private long lastStart = -1;

    /** What stands before a buffer's values. */
    private record Header(long length, String type, int width) {}

    private Dl4jCoefficients(ZipContents zip) {
        this.zip = zip;
    }

    /** Reads it once to see whether it is whole. */
    static Dl4jCoefficients open(ZipContents zip) throws IOException {
        Dl4jCoefficients coefficients = new Dl4jCoefficients(zip);
        try (CheckedInputStream checked = new CheckedInputStream(zip.stream(COEFFICIENTS), new CRC32())) {
            DataInputStream stream = new DataInputStream(checked);
            coefficients.header = coefficients.readHeaders(stream);
            long size = Math.multiplyExact(coefficients.header.length(), (long) coefficients.header.width());
            byte[] piece = new byte[PIECE];
            for (long left = size; left > 0; ) {
                int count = (int) Math.min(piece.length, left);
                stream.readFully(piece, 0, count);
                left -= count;
            }
            if (stream.read() >= 0 || checked.getChecksum().getValue() != zip.checksum(COEFFICIENTS)) {
                throw zip.damaged("wrong length or checksum of " + COEFFICIENTS, null);
            }
            return coefficients;
        } catch (IOException | RuntimeException e) {
            throw coefficients.unreadable(e);
        }
    }

    /** How many values there are. */
    long length() {
        return header.length();
    }

    /** Reads some of the values; cheap where it goes forwards, or asks for the same again. */
    float[] read(long start, int count) {
        if (start == lastStart && count == last.length) {
            return last;
        }
        try {
            DataInputStream stream = in;
            if (stream == null || start < position) {
                close();
                stream = new DataInputStream(zip.stream(COEFFICIENTS));
                in = stream;
                readHeaders(stream);
                position = 0;
            }
            skip(stream, (start - position) * header.width());
            last = values(stream, count);
            lastStart = start;
            position = start + count;
            return last;
        } catch (IOException | RuntimeException e) {
            throw unreadable(e);
        }
    }

    private float[] values(DataInputStream stream, int count) throws IOException {
        float[] values = new float[count];
        byte[] piece = new byte[PIECE];
        int width = header.width();
        for (int done = 0; done < count; ) {
            int part = Math.min(PIECE / width, count - done);
            stream.readFully(piece, 0, part * width);
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            for (int i = 0; i < part; i++) {
                values[done + i] = width == Float.BYTES ? bytes.getFloat() : (float) bytes.getDouble();
            }
            done += part;
        }
        return values;
    }

    private Header readHeaders(DataInputStream stream) throws IOException {
        Header shape = readHeader(stream);
        if (shape.length() > LONGEST_SHAPE
                || !(shape.type().equals("LONG") || shape.type().equals("INT"))) {
            throw zip.damaged(COEFFICIENTS + " has a shape of " + shape.length() + " " + shape.type(), null);
        }
        skip(stream, shape.length() * shape.width());
        Header values = readHeader(stream);
        if (!(values.type().equals("FLOAT") || values.type().equals("DOUBLE"))) {
            throw new WeightsException(
                    zip.path(),
                    COEFFICIENTS + " holds values of the type " + values.type() + ", only FLOAT and DOUBLE are read");
        }
        return values;
    }

    private Header readHeader(DataInputStream stream) throws IOException {
        String memory = stream.readUTF();
        if (!SHORT_LENGTH.contains(memory) && !LONG_LENGTH.contains(memory)) {
            throw zip.damaged(COEFFICIENTS + " is no array of ND4J", null);
        }
        long length = SHORT_LENGTH.contains(memory) ? stream.readInt() : stream.readLong();
        String type = stream.readUTF();
        if (length < 0) {
            throw zip.damaged(COEFFICIENTS + " has the length " + length, null);
        }
        return new Header(length, type, type.equals("LONG") || type.equals("DOUBLE") ? Long.BYTES : Float.BYTES);
    }

    private static void skip(DataInputStream stream, long count) throws IOException {
        stream.skipNBytes(count);
    }

    private RuntimeException unreadable(Exception e) {
        return e instanceof WeightsException known ? known : zip.damaged(COEFFICIENTS + " can't be read", e);
    }

    @Override
    public void close() throws IOException {
        if (in != null) {
            in.close();
        }
    }
}
