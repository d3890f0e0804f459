package org.transfer4j.internal.dl4j;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ModelFileException;

/**
 * The array {@code coefficients.bin} in a model of DL4J, as {@code Nd4j.write} writes it: twice a buffer of an allocation
 * mode, a length, a type, each text in Java's modified UTF-8, and big-endian numbers; the first buffer is the shape,
 * the second the values. Read by us: ND4J's own reader believes any length.
 */
final class Dl4jCoefficients {
    private static final int CHUNK = 1 << 14;

    /** A shape has so many numbers at most: twice the rank, and four. */
    private static final long LONGEST_SHAPE = 2 * 32 + 4;

    private static final Map<String, Integer> BYTES = Map.of("FLOAT", 4, "DOUBLE", 8, "HALF", 2);

    private final Path file;
    private final DataInputStream content;

    private Dl4jCoefficients(Path file, InputStream content) {
        this.file = file;
        this.content = new DataInputStream(content);
    }

    /**
     * Reads the array.
     *
     * @param expected how many values the network has; nothing is allocated for another number
     * @return [1, expected], float
     */
    static INDArray read(Path file, InputStream content, long expected) throws IOException {
        Dl4jCoefficients coefficients = new Dl4jCoefficients(file, content);
        try {
            coefficients.skipShape();
            return coefficients.values(expected);
        } catch (EOFException e) {
            throw coefficients.damaged("ends early");
        } catch (UTFDataFormatException e) {
            throw coefficients.damaged("has a text that is none: " + e.getMessage());
        }
    }

    private record Header(long length, String type) {}

    private Header header() throws IOException {
        String allocation = content.readUTF();
        if (!allocation.equals("MIXED_DATA_TYPES") && !allocation.equals("LONG_SHAPE")) {
            throw damaged("has the allocation mode " + shown(allocation) + ", not MIXED_DATA_TYPES as DL4J writes it");
        }
        long length = content.readLong();
        return new Header(length, content.readUTF());
    }

    private void skipShape() throws IOException {
        Header shape = header();
        if (!shape.type().equals("LONG") || shape.length() < 0 || shape.length() > LONGEST_SHAPE) {
            throw damaged("has a shape of " + shape.length() + " numbers of the type " + shown(shape.type()));
        }
        for (long i = 0; i < shape.length(); i++) {
            content.readLong();
        }
    }

    private INDArray values(long expected) throws IOException {
        Header header = header();
        Integer bytes = BYTES.get(header.type());
        if (bytes == null) {
            throw damaged("is of the type " + shown(header.type()) + ", known are " + BYTES.keySet());
        }
        if (header.length() != expected) {
            throw damaged("has " + header.length() + " numbers, but the network of its configuration has " + expected);
        }
        INDArray values = Nd4j.createUninitialized(DataType.FLOAT, 1, expected);
        FloatPointer target = new FloatPointer(values.data().addressPointer());
        byte[] raw = new byte[CHUNK * bytes];
        float[] floats = new float[CHUNK];
        for (long done = 0; done < expected; done += CHUNK) {
            int count = (int) Math.min(CHUNK, expected - done);
            content.readFully(raw, 0, count * bytes);
            convert(ByteBuffer.wrap(raw), header.type(), floats, count);
            target.position(done).put(floats, 0, count);
        }
        return values;
    }

    private void convert(ByteBuffer raw, String type, float[] floats, int count) {
        for (int i = 0; i < count; i++) {
            floats[i] = switch (type) {
                case "FLOAT" -> raw.getFloat();
                case "DOUBLE" -> (float) raw.getDouble();
                default -> HalfIndexer.toFloat(raw.getShort());
            };
            if (!Float.isFinite(floats[i])) {
                throw damaged("holds a value that is not finite: " + floats[i]);
            }
        }
    }

    private static String shown(String text) {
        return "\"" + (text.length() <= 40 ? text : text.substring(0, 40) + "...") + "\"";
    }

    private ModelFileException damaged(String reason) {
        return new ModelFileException(file, "is damaged: coefficients.bin " + reason);
    }
}
