package org.transfer4j.internal.format.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.safetensors.SafetensorsHeader.Tensor;

/** Arrays of floats or bytes as a safetensors file, streamed both ways. */
public final class Safetensors {
    private final Map<String, INDArray> weights;
    private final byte[] head;
    private final long size;

    /**
     * Describes a file.
     *
     * @throws IllegalArgumentException if an array is of something else, or has been closed
     */
    public Safetensors(Map<String, INDArray> weights) {
        this.weights = weights;
        List<Tensor> tensors = new ArrayList<>();
        long position = 0;
        for (Map.Entry<String, INDArray> weight : weights.entrySet()) {
            requireWritable(weight.getKey(), weight.getValue());
            boolean bytes = weight.getValue().dataType() == DataType.UINT8;
            long end = position + weight.getValue().length() * (bytes ? 1 : Float.BYTES);
            tensors.add(new Tensor(
                    weight.getKey(),
                    bytes ? SafetensorsHeader.BYTES : SafetensorsHeader.FLOAT32,
                    Arrays.stream(weight.getValue().shape()).boxed().toList(),
                    position,
                    end));
            position = end;
        }
        head = new SafetensorsHeader(tensors, Map.of()).toBytes();
        size = head.length + position;
    }

    /** How many bytes are written. */
    public long size() {
        return size;
    }

    /** Writes them all; can be called again. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(head);
        TensorBytes bytes = new TensorBytes();
        for (INDArray array : weights.values()) {
            bytes.write(array, out);
        }
    }

    /**
     * Reads arrays of floats or bytes.
     *
     * @param file what they are called in errors
     * @param size how many bytes there are
     * @return arrays owned by the caller
     * @throws MalformedModelException if it is no such file, or has other arrays
     */
    public static Map<String, INDArray> read(String file, InputStream in, long size) throws IOException {
        if (size < SafetensorsHeader.LENGTH_BYTES) {
            throw new MalformedModelException(file + " ends too early: " + SafetensorsHeader.LENGTH_BYTES
                    + " bytes are needed, " + size + " are left");
        }
        long headLength = ByteBuffer.wrap(in.readNBytes(SafetensorsHeader.LENGTH_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        long left = size - SafetensorsHeader.LENGTH_BYTES;
        if (headLength < 2 || headLength > SafetensorsHeader.LARGEST || headLength > left) {
            throw new MalformedModelException(file + ": the head may have 2 to " + SafetensorsHeader.LARGEST
                    + " bytes, and no more than follow, but has " + headLength);
        }
        left -= headLength;
        byte[] json = in.readNBytes((int) headLength);
        SafetensorsHeader header = SafetensorsHeader.parse(file, json);
        for (Tensor tensor : header.tensors()) {
            requireReadable(file, tensor);
        }
        if (header.dataSize() != left) {
            throw new MalformedModelException(
                    file + ": the arrays have " + header.dataSize() + " bytes, but the file has " + left + " for them");
        }
        TensorBytes bytes = new TensorBytes();
        Map<String, INDArray> weights = new LinkedHashMap<>();
        try {
            for (Tensor tensor : header.tensors()) {
                DataType type = tensor.type().equals(SafetensorsHeader.BYTES) ? DataType.UINT8 : DataType.FLOAT;
                weights.put(tensor.name(), bytes.read(type, tensor.shapeArray(), in));
            }
            return weights;
        } catch (IOException | RuntimeException e) {
            close(weights);
            throw e;
        }
    }

    private static void requireReadable(String file, Tensor tensor) throws MalformedModelException {
        if (!tensor.type().equals(SafetensorsHeader.FLOAT32) && !tensor.type().equals(SafetensorsHeader.BYTES)) {
            throw new MalformedModelException(
                    file + ": the dtype of " + tensor.name() + " must be F32 or U8, but is " + tensor.type());
        }
        if (tensor.shape().isEmpty()) {
            throw new MalformedModelException(
                    file + ": " + tensor.name() + " must have 1 to 16 dimensions, but has none");
        }
        if (tensor.shape().contains(0L)) {
            throw new MalformedModelException(file + ": every dimension of " + tensor.name()
                    + " must be at least 1, but the shape is " + tensor.shape());
        }
    }

    /** Frees what was read before something went wrong. */
    public static void close(Map<String, INDArray> weights) {
        weights.values().forEach(INDArray::close);
    }

    /** Checks weights that are to be written as they lie in memory. */
    static void requireWritable(String name, INDArray array) {
        if (name.isEmpty() || name.equals(SafetensorsHeader.METADATA)) {
            throw new IllegalArgumentException("A name of weights must not be empty or " + SafetensorsHeader.METADATA
                    + ", but is \"" + name + "\"");
        }
        if (array.wasClosed()) {
            throw new IllegalArgumentException("The weights " + name + " have been closed");
        }
        boolean known = array.dataType() == DataType.FLOAT || array.dataType() == DataType.UINT8;
        if (!known || array.rank() < 1 || array.length() < 1) {
            throw new IllegalArgumentException("Weights must be float arrays with at least one value, but " + name
                    + " is " + array.dataType() + " of shape " + Arrays.toString(array.shape()));
        }
    }

    /**
     * Moves arrays of floats or bytes between native memory and little-endian bytes in C order, a small piece at a time:
     * weights are never twice in memory. They are copied as they lie, for all that ND4J runs on is little-endian.
     */
    public static final class TensorBytes {
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
}
