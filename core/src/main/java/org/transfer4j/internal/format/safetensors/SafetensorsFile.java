package org.transfer4j.internal.format.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.ArrayLayout;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.format.safetensors.Safetensors.TensorBytes;
import org.transfer4j.internal.format.safetensors.SafetensorsHeader.Tensor;
import org.transfer4j.internal.network.Op;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A safetensors file with the state of a PyTorch network: an array is called after its module and its part of it, such
 * as {@code layer1.0.conv1.weight}, and a module is a layer. The file's order says nothing of the network's.
 */
public final class SafetensorsFile {
    /** PyTorch's and timm's names in the order in which {@link StoredLayer} has arrays; others come behind. */
    private static final List<String> ORDER = List.of("weight", "scale", "bias", "running_mean", "running_var");

    /** How many batches the means were taken of; not a weight. */
    private static final String COUNT = "num_batches_tracked";

    /** What PyTorch calls parameters. */
    private static final Map<String, String> NAMES = Map.of(
            Op.WEIGHTS,
            "weight",
            Op.BIAS,
            "bias",
            Op.GAMMA,
            "weight",
            Op.BETA,
            "bias",
            Op.MEAN,
            "running_mean",
            Op.VARIANCE,
            "running_var");

    private static final ArrayLayout LAYOUT = new TorchArrays();

    /** Half way between float16's largest number and what would be the next. */
    private static final float INFINITE_HALF = 65_520;

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
                path, LAYOUT, layers(path, channel, start, header.tensors()), List.of(), header.metadata(), channel);
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

    /**
     * Writes weights as PyTorch's state of a network, whole or not at all.
     *
     * @param network the layers, which keep their names
     * @param parameters as {@code ParameterValues} has them; there may be more
     * @param precision of the numbers in the file
     * @param origin what the file says of itself
     * @throws IllegalArgumentException if parameters of two layers would have one name
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public static void write(
            Path file,
            NetworkLayers network,
            Map<String, Map<String, INDArray>> parameters,
            StoredPrecision precision,
            WeightsOrigin origin) {
        boolean half = precision == StoredPrecision.FLOAT16;
        Map<String, String> layersByName = new HashMap<>();
        List<Tensor> tensors = new ArrayList<>();
        List<INDArray> values = new ArrayList<>();
        long position = 0;
        for (LayerShapes layer : network.wanted()) {
            for (LayerShapes.Parameter parameter : layer.parameters()) {
                INDArray value =
                        parameters.getOrDefault(parameter.owner(), Map.of()).get(parameter.name());
                if (value == null) {
                    throw new IllegalArgumentException(
                            "layer " + layer.name() + " has no parameter " + parameter.name());
                }
                String name = layer.module(parameter) + "." + NAMES.get(parameter.name());
                String other = layersByName.putIfAbsent(name, layer.name());
                if (other != null) {
                    throw new IllegalArgumentException("the layers " + other + " and " + layer.name()
                            + " can't be in one file of safetensors: both have weights called " + name
                            + " there; give one of them another name");
                }
                Safetensors.requireWritable(name, value);
                if (half) {
                    requireHalf(name, value);
                }
                List<Long> shape =
                        LongStream.of(LAYOUT.shape(layer, parameter)).boxed().toList();
                String type = half ? SafetensorsHeader.FLOAT16 : SafetensorsHeader.FLOAT32;
                long end = position + value.length() * (half ? Short.BYTES : Float.BYTES);
                tensors.add(new Tensor(name, type, shape, position, end));
                values.add(value);
                position = end;
            }
        }
        byte[] head = new SafetensorsHeader(tensors, origin.metadata()).toBytes();
        ReplacedFile.write(file, "weights", channel -> {
            // not closed, because that would close the channel, which is still to be forced to the disk
            OutputStream out = Channels.newOutputStream(channel);
            out.write(head);
            TensorBytes bytes = new TensorBytes();
            for (INDArray value : values) {
                if (half) {
                    try (INDArray copy = value.dup('c');
                            INDArray stored = copy.castTo(DataType.FLOAT16)) {
                        bytes.write(stored, out);
                    }
                } else {
                    bytes.write(value, out);
                }
            }
        });
    }

    private static void requireHalf(String name, INDArray values) {
        try (INDArray copy = values.dup('c')) {
            for (float value : copy.data().asFloat()) {
                if (Math.abs(value) >= INFINITE_HALF) {
                    throw new IllegalArgumentException("float16 has numbers up to 65504, but " + name + " has " + value
                            + ": write them as float32");
                }
            }
        }
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

    /**
     * What this library says of weights that it writes, in the metadata of the safetensors file.
     *
     * @param version the library's
     * @param preprocessing of the images that they were trained on, empty where a later version wrote one that is not known
     */
    public record WeightsOrigin(String version, Optional<ImagePreprocessing> preprocessing) {
        private static final String LIBRARY = "library";
        private static final String NAME = "Transfer4J";
        private static final String VERSION = "version";
        private static final String PREPROCESSING = "preprocessing";

        Map<String, String> metadata() {
            return preprocessing
                    .map(mode -> Map.of(LIBRARY, NAME, VERSION, version, PREPROCESSING, mode.toJson()))
                    .orElseGet(() -> Map.of(LIBRARY, NAME, VERSION, version));
        }

        /** Empty where it was not this library that wrote. */
        public static Optional<WeightsOrigin> of(Map<String, String> metadata) {
            return NAME.equals(metadata.get(LIBRARY))
                    ? Optional.of(new WeightsOrigin(
                            metadata.getOrDefault(VERSION, ""), preprocessing(metadata.get(PREPROCESSING))))
                    : Optional.empty();
        }

        private static Optional<ImagePreprocessing> preprocessing(@Nullable String json) {
            try {
                return Optional.ofNullable(json).map(ImagePreprocessing::fromJson);
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * PyTorch's layout, which is that of our ops: outputs first, and what is flattened is [channels, height, width]. But slopes
     * are one a channel, [channels], where ours are [channels, 1, 1]; PyTorch has no others, which are as here.
     */
    public static final class TorchArrays implements ArrayLayout {
        @Override
        public String owner() {
            return "PyTorch";
        }

        @Override
        public long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel) {
            long[] shape = kernel.shape().toArray();
            return kernel.op() instanceof Op.Slopes && kernel.shape().elements() == shape[0]
                    ? new long[] {shape[0]}
                    : shape;
        }

        @Override
        public float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored) {
            return stored;
        }
    }
}
