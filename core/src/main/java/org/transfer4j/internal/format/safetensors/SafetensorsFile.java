package org.transfer4j.internal.format.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StoredArray;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.safetensors.SafetensorsHeader.Tensor;

/**
 * A safetensors file with the state of a PyTorch network: an array is called after its module and its part of it, such
 * as {@code layer1.0.conv1.weight}, and a module is a layer. The file's order says nothing of the network's.
 */
public final class SafetensorsFile {
    /** PyTorch's and timm's names in the order in which {@link StoredLayer} has arrays; others come behind. */
    private static final List<String> ORDER = List.of("weight", "scale", "bias", "running_mean", "running_var");

    /** How many batches the means were taken of; not a weight. */
    private static final String COUNT = "num_batches_tracked";

    private SafetensorsFile() {}

    /** Whether a file of that head and length is one, by the length of its JSON and its first character. */
    public static boolean begins(byte[] head, long length) {
        if (head.length <= SafetensorsHeader.LENGTH_BYTES || head[SafetensorsHeader.LENGTH_BYTES] != '{') {
            return false;
        }
        long json = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return json >= 2 && json <= SafetensorsHeader.LARGEST && json <= length - SafetensorsHeader.LENGTH_BYTES;
    }

    /** Reads names and shapes of a file that {@link #begins} as one. */
    public static WeightsFile read(Path path, FileChannel channel) throws IOException {
        byte[] json = json(channel);
        SafetensorsHeader header;
        try {
            header = SafetensorsHeader.parse("its head", json);
        } catch (MalformedModelException e) {
            throw new WeightsException(path, "is damaged: " + e.reason(), e);
        }
        long start = (long) SafetensorsHeader.LENGTH_BYTES + json.length;
        long dataSize = header.dataSize();
        if (dataSize > Long.MAX_VALUE - start) {
            throw new WeightsException(path, "is damaged: its arrays reach beyond " + dataSize + " bytes");
        }
        long expected = start + dataSize;
        if (channel.size() != expected) {
            throw new WeightsException(
                    path,
                    String.format(
                            Locale.ROOT,
                            "is %s: it is of %,d bytes and should be of %,d",
                            channel.size() < expected ? "truncated" : "damaged",
                            channel.size(),
                            expected));
        }
        return new WeightsFile(
                path,
                new TorchArrays(),
                layers(path, channel, start, header.tensors()),
                List.of(),
                header.metadata(),
                channel);
    }

    private static byte[] json(FileChannel channel) throws IOException {
        int length =
                Math.toIntExact(read(channel, 0, SafetensorsHeader.LENGTH_BYTES).getLong());
        return read(channel, SafetensorsHeader.LENGTH_BYTES, length).array();
    }

    private static List<StoredLayer> layers(Path path, FileChannel channel, long start, List<Tensor> tensors) {
        Map<String, List<Tensor>> modules = new LinkedHashMap<>();
        for (Tensor tensor : tensors) {
            if (!part(tensor).equals(COUNT)) {
                modules.computeIfAbsent(module(tensor), name -> new ArrayList<>())
                        .add(tensor);
            }
        }
        List<StoredLayer> layers = new ArrayList<>();
        modules.forEach((name, parts) -> {
            parts.sort(Comparator.comparingInt(SafetensorsFile::place).thenComparing(Tensor::name));
            List<StoredArray> arrays = parts.stream()
                    .<StoredArray>map(tensor -> new FileArray(path, channel, start, tensor))
                    .toList();
            layers.add(new StoredLayer(name, true, "", arrays));
        });
        return layers;
    }

    private static String module(Tensor tensor) {
        return tensor.name().substring(0, Math.max(0, tensor.name().lastIndexOf('.')));
    }

    private static String part(Tensor tensor) {
        return tensor.name().substring(tensor.name().lastIndexOf('.') + 1);
    }

    private static int place(Tensor tensor) {
        int place = ORDER.indexOf(part(tensor));
        return place < 0 ? ORDER.size() : place;
    }

    /** Reads little-endian bytes at a place in the file. */
    static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException("the file has become shorter while it was read");
            }
        }
        return bytes.flip();
    }

    /** An array of floating-point numbers in a safetensors file: of 16 (IEEE 754 or bfloat16), 32 or 64 bits. */
    private static final class FileArray extends StoredArray {
        private static final int PIECE = 1 << 14;

        private final FileChannel channel;
        private final long start;
        private final String type;

        /**
         * Describes it.
         *
         * @param dataStart where the bytes of all arrays start in the file
         */
        FileArray(Path file, FileChannel channel, long dataStart, Tensor tensor) {
            super(file, tensor.name(), tensor.shapeArray());
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
}
