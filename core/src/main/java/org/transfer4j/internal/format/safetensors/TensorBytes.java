package org.transfer4j.internal.format.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Moves arrays of floats or bytes between native memory and little-endian bytes in C order, a small piece at a time:
 * weights are never twice in memory. They are copied as they lie, for all that ND4J runs on is little-endian.
 */
public final class TensorBytes {
    private static final int PIECE = 1 << 16;

    /** Floats that are turned into C order at once, 16 MiB: few of them would be picked from all over the memory. */
    private static final long COPIED_PIECE = 1 << 22;

    private final byte[] bytes = new byte[PIECE];
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
        if (array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array)) {
            writePlain(array, out);
        } else if (array.dataType() == DataType.UINT8) {
            throw new IllegalArgumentException("bytes are written as they lie, not of a view");
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
            BytePointer memory = memory(array);
            for (long start = 0; start < memory.limit(); start += PIECE) {
                int count = (int) Math.min(PIECE, memory.limit() - start);
                if (in.readNBytes(bytes, 0, count) < count) {
                    throw new EOFException();
                }
                memory.position(start).put(bytes, 0, count);
            }
            return array;
        } catch (IOException | RuntimeException e) {
            array.close();
            throw e;
        }
    }

    /** The array's memory. */
    private static BytePointer memory(INDArray array) {
        return new BytePointer(array.data().addressPointer())
                .limit(array.length() * array.dataType().width());
    }

    private void writePlain(INDArray array, OutputStream out) throws IOException {
        BytePointer memory = memory(array);
        for (long start = 0; start < memory.limit(); start += PIECE) {
            int count = (int) Math.min(PIECE, memory.limit() - start);
            memory.position(start).get(bytes, 0, count);
            out.write(bytes, 0, count);
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
}
