package org.transfer4j.internal.format.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Moves arrays of floats or bytes between native memory and little-endian bytes in C order, a small piece at a time:
 * weights are never twice in memory.
 */
public final class TensorBytes {
    private static final int PIECE = 1 << 14;

    /** Floats that are turned into C order at once, 16 MiB: few of them would be picked from all over the memory. */
    private static final long COPIED_PIECE = 1 << 22;

    private final byte[] bytes = new byte[PIECE * Float.BYTES];
    private final FloatBuffer floats =
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();

    private final long copiedPiece;

    /** Takes a buffer for one piece. */
    public TensorBytes() {
        this(COPIED_PIECE);
    }

    TensorBytes(long copiedPiece) {
        this.copiedPiece = copiedPiece;
    }

    /** Writes the values in C order. */
    public void write(INDArray array, OutputStream out) throws IOException {
        if (array.dataType() == DataType.UINT8) {
            writeBytes(array, out);
        } else if (isPlain(array)) {
            writePlain(array, out);
        } else {
            writeCopied(array, out);
        }
    }

    /**
     * Reads values in C order.
     *
     * @param type FLOAT or UBYTE
     */
    INDArray read(DataType type, long[] shape, InputStream in) throws IOException {
        INDArray array = Nd4j.createUninitializedDetached(type, 'c', shape);
        try {
            if (type == DataType.UINT8) {
                readBytes(array, in);
                return array;
            }
            long length = array.length();
            FloatPointer memory = new FloatPointer(array.data().addressPointer());
            for (long start = 0; start < length; start += PIECE) {
                int count = (int) Math.min(PIECE, length - start);
                if (in.readNBytes(bytes, 0, count * Float.BYTES) < count * Float.BYTES) {
                    throw new EOFException();
                }
                FloatBuffer piece = floats.duplicate().position(0).limit(count);
                at(memory, start, count).put(piece);
            }
            return array;
        } catch (IOException | RuntimeException e) {
            array.close();
            throw e;
        }
    }

    private void readBytes(INDArray array, InputStream in) throws IOException {
        BytePointer memory = new BytePointer(array.data().addressPointer());
        for (long start = 0; start < array.length(); start += bytes.length) {
            int count = (int) Math.min(bytes.length, array.length() - start);
            if (in.readNBytes(bytes, 0, count) < count) {
                throw new EOFException();
            }
            memory.position(start).put(bytes, 0, count);
        }
    }

    private void writeBytes(INDArray array, OutputStream out) throws IOException {
        if (!isPlain(array)) {
            throw new IllegalArgumentException("bytes are written as they lie, not of a view");
        }
        BytePointer memory = new BytePointer(array.data().addressPointer());
        for (long start = 0; start < array.length(); start += bytes.length) {
            int count = (int) Math.min(bytes.length, array.length() - start);
            memory.position(start).get(bytes, 0, count);
            out.write(bytes, 0, count);
        }
    }

    private static boolean isPlain(INDArray array) {
        return array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array);
    }

    private void writePlain(INDArray array, OutputStream out) throws IOException {
        FloatPointer memory = new FloatPointer(array.data().addressPointer());
        long length = array.length();
        for (long start = 0; start < length; start += PIECE) {
            int count = (int) Math.min(PIECE, length - start);
            floats.duplicate().put(at(memory, start, count));
            out.write(bytes, 0, count * Float.BYTES);
        }
    }

    /** Views and F order, as of parameters that are seen in DL4J's memory: slice by slice along the first dimension. */
    private void writeCopied(INDArray array, OutputStream out) throws IOException {
        long rows = array.size(0);
        long step = Math.max(1, copiedPiece * rows / array.length());
        for (long start = 0; start < rows; start += step) {
            INDArrayIndex[] indexes = new INDArrayIndex[array.rank()];
            Arrays.fill(indexes, NDArrayIndex.all());
            indexes[0] = NDArrayIndex.interval(start, Math.min(rows, start + step));
            INDArray slice = array.get(indexes).dup('c');
            try {
                writePlain(slice, out);
            } finally {
                slice.close();
            }
        }
    }

    private static FloatBuffer at(FloatPointer memory, long start, int count) {
        // limit first: a position beyond the old limit would be refused
        return memory.limit(start + count).position(start).asBuffer();
    }
}
