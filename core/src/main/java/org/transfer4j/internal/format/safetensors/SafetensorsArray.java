package org.transfer4j.internal.format.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.transfer4j.internal.format.StoredArray;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.safetensors.SafetensorsHeader.Tensor;

/** An array of floating-point numbers in a safetensors file: of 16 (IEEE 754 or bfloat16), 32 or 64 bits. */
final class SafetensorsArray extends StoredArray {
    private static final int PIECE = 1 << 14;

    private final FileChannel channel;
    private final long start;
    private final String type;

    /**
     * Describes it.
     *
     * @param dataStart where the bytes of all arrays start in the file
     */
    SafetensorsArray(Path file, FileChannel channel, long dataStart, Tensor tensor) {
        super(
                file,
                tensor.name(),
                tensor.shape().stream().mapToLong(Long::longValue).toArray());
        this.channel = channel;
        this.start = dataStart + tensor.start();
        this.type = tensor.type();
    }

    @Override
    protected float[] values(int size) {
        int width = switch (type) {
            case "F16", "BF16" -> Short.BYTES;
            case "F32" -> Float.BYTES;
            case "F64" -> Double.BYTES;
            default -> throw fault("holds values of the type " + type + ", only F16, BF16, F32 and F64 are read");
        };
        float[] values = new float[size];
        try {
            for (int done = 0; done < size; ) {
                int count = Math.min(PIECE, size - done);
                ByteBuffer bytes = SafetensorsFile.read(channel, start + (long) done * width, count * width);
                for (int i = 0; i < count; i++) {
                    values[done + i] = next(bytes);
                }
                done += count;
            }
        } catch (IOException e) {
            throw WeightsFile.unreadable(file, e);
        }
        return values;
    }

    private float next(ByteBuffer bytes) {
        return switch (type) {
            case "F16" -> HalfIndexer.toFloat(Short.toUnsignedInt(bytes.getShort()));
            case "BF16" -> Bfloat16Indexer.toFloat(Short.toUnsignedInt(bytes.getShort()));
            case "F32" -> bytes.getFloat();
            default -> (float) bytes.getDouble();
        };
    }
}
