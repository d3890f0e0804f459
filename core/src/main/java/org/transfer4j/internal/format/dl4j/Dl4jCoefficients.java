package org.transfer4j.internal.format.dl4j;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.transfer4j.internal.format.MalformedModelException;

/**
 * The array {@code coefficients.bin} in a model of DL4J, as {@code Nd4j.write} writes it, read in order: two buffers, of
 * the shape and of the values, each with the name of its kind of memory, its length, the name of its type, and its
 * big-endian numbers; texts are in Java's modified UTF-8. Read by us: ND4J's own reader believes any length. Nothing is
 * allocated for what the file says.
 */
public final class Dl4jCoefficients {
    /** What the array is called in the archive. */
    public static final String NAME = "coefficients.bin";

    /** Kinds of memory that stand before a length of 32 bits, in files of DL4J's first versions; it has 64 bits with the others. */
    private static final Set<String> SHORT_LENGTH = Set.of("DIRECT", "HEAP", "JAVACPP");

    private static final Set<String> LONG_LENGTH = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

    /** What describes a shape of 32 dimensions, the most of ND4J. */
    private static final long LONGEST_SHAPE = 2 * 32 + 4;

    private static final Map<String, Integer> SHAPE_BYTES = Map.of("LONG", Long.BYTES, "INT", Integer.BYTES);
    private static final Map<String, Integer> VALUE_BYTES =
            Map.of("FLOAT", Float.BYTES, "DOUBLE", Double.BYTES, "HALF", Short.BYTES);

    private static final int PIECE = 1 << 16;

    private final CheckedInputStream checked;
    private final DataInputStream content;
    private final byte[] piece = new byte[PIECE];
    private final Header values;
    private final int width;

    /** What stands before a buffer's numbers. */
    private record Header(long length, String type) {}

    private Dl4jCoefficients(InputStream in) throws IOException {
        checked = new CheckedInputStream(in, new CRC32());
        content = new DataInputStream(checked);
        Header shape = header();
        Integer shapeWidth = SHAPE_BYTES.get(shape.type());
        if (shapeWidth == null || shape.length() < 0 || shape.length() > LONGEST_SHAPE) {
            throw malformed("has a shape of " + shape.length() + " numbers of the type " + shown(shape.type()));
        }
        content.readFully(piece, 0, (int) shape.length() * shapeWidth);
        values = header();
        Integer valueWidth = VALUE_BYTES.get(values.type());
        if (valueWidth == null) {
            throw malformed("holds values of the type " + shown(values.type()) + ", only "
                    + new TreeSet<>(VALUE_BYTES.keySet()) + " are read");
        }
        if (values.length() < 0 || values.length() > Long.MAX_VALUE / valueWidth) {
            throw malformed("has the length " + values.length());
        }
        width = valueWidth;
    }

    /**
     * Reads what stands before the values.
     *
     * @throws MalformedModelException if it is no such array
     */
    public static Dl4jCoefficients open(InputStream in) throws IOException {
        try {
            return new Dl4jCoefficients(in);
        } catch (EOFException e) {
            throw endsEarly(e);
        }
    }

    /** How many values there are, if the file is right. */
    public long length() {
        return values.length();
    }

    /**
     * Reads the next values.
     *
     * @param target receives them from its beginning
     * @throws MalformedModelException if there are not so many
     */
    public void read(float[] target, int count) throws IOException {
        try {
            for (int done = 0; done < count; ) {
                int part = Math.min(PIECE / width, count - done);
                content.readFully(piece, 0, part * width);
                ByteBuffer bytes = ByteBuffer.wrap(piece);
                for (int i = 0; i < part; i++) {
                    target[done + i] = switch (width) {
                        case Float.BYTES -> bytes.getFloat();
                        case Double.BYTES -> (float) bytes.getDouble();
                        default -> HalfIndexer.toFloat(bytes.getShort());
                    };
                }
                done += part;
            }
        } catch (EOFException e) {
            throw endsEarly(e);
        }
    }

    /**
     * Checks, behind the last value, that there is no more and that all bytes were what the archive's directory says.
     *
     * @param crc32 the checksum there
     * @throws MalformedModelException if it is otherwise
     */
    public void requireEnd(long crc32) throws IOException {
        if (checked.read() >= 0 || checked.getChecksum().getValue() != crc32) {
            throw malformed("has a wrong length or checksum");
        }
    }

    private Header header() throws IOException {
        try {
            String memory = content.readUTF();
            if (!SHORT_LENGTH.contains(memory) && !LONG_LENGTH.contains(memory)) {
                throw malformed("is no array of ND4J: it has the allocation mode " + shown(memory));
            }
            long length = SHORT_LENGTH.contains(memory) ? content.readInt() : content.readLong();
            return new Header(length, content.readUTF());
        } catch (UTFDataFormatException e) {
            throw new MalformedModelException(NAME + " has a text that is none", e);
        }
    }

    private static String shown(String text) {
        return "\"" + (text.length() <= 40 ? text : text.substring(0, 40) + "...") + "\"";
    }

    private static MalformedModelException endsEarly(EOFException e) {
        return new MalformedModelException(NAME + " ends early", e);
    }

    private static MalformedModelException malformed(String what) {
        return new MalformedModelException(NAME + " " + what);
    }
}
