package org.transfer4j.internal.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.ArrayLayout;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;

/**
 * A network in a zip file of DL4J's {@code ModelSerializer}, which nobody vouches for: {@code configuration.json}, whose
 * class names are held against a list before any class is loaded, and {@link Coefficients}. Updaters and
 * normalizers, which may come by Java serialization, are not looked at.
 */
public final class Dl4jModelFile {
    private static final String CONFIGURATION = "configuration.json";
    private static final int PIECE = 1 << 14;

    /** A number takes two bytes at least, and deflate makes a thousandth of them at best. */
    private static final double MOST_PARAMETERS_PER_BYTE = 1032 / 2.0;

    /** In which order files of weights have a layer's arrays. */
    private static final List<String> FILE_ORDER = List.of("W", "pW", "b", "gamma", "beta", "mean", "var");

    private final ZipContents zip;

    private Dl4jModelFile(ZipContents zip) {
        this.zip = zip;
    }

    /** Whether an archive is one. */
    public static boolean isOne(ZipContents zip) {
        return zip.has(CONFIGURATION) && zip.has(Coefficients.NAME);
    }

    /**
     * Reads a network.
     *
     * @throws ModelFileException if the file is damaged, no model of DL4J, or names classes that are not allowed
     */
    public static SourceNetwork read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new ModelFileException(path, Files.exists(path) ? "is not a file" : "there is no such file");
        }
        try {
            return Interruption.deferred(() -> {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    byte[] head = FileKind.head(channel);
                    if (!FileKind.isZip(head)) {
                        throw new ModelFileException(
                                path, "is no zip file of DL4J, or damaged: " + FileKind.describe(head));
                    }
                    return new Dl4jModelFile(ZipContents.open(path, channel)).network();
                }
            });
        } catch (WeightsException e) {
            throw new ModelFileException(path, e.reason(), e);
        } catch (IOException e) {
            throw FileFailure.of("can't read the model file " + path, e);
        }
    }

    /**
     * Reads a network's weights. They are in memory then; the channel is closed with the result.
     *
     * @throws WeightsException as for {@link #read}, and if the network works on channels last
     */
    public static WeightsFile weights(ZipContents zip) throws IOException {
        SourceNetwork network;
        try {
            network = new Dl4jModelFile(zip).network();
        } catch (ModelFileException e) {
            throw new WeightsException(zip.path(), e.reason(), e);
        }
        List<StoredLayer> layers = new ArrayList<>();
        network.parameters().forEach((name, table) -> {
            GraphVertex vertex = network.configuration().getVertices().get(name);
            if (vertex != null && Graphs.isChannelsLast(vertex)) {
                throw new WeightsException(
                        zip.path(), "layer " + name + " is of channels last (NHWC), only NCHW is read");
            }
            Map<String, StoredArray> arrays = new LinkedHashMap<>();
            table.forEach((parameter, values) -> {
                boolean logarithm = parameter.equals(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
                String stored = logarithm ? Op.VARIANCE : parameter;
                arrays.put(stored, new Parameter(zip.path(), name + " " + stored, values, logarithm));
            });
            List<String> order = new ArrayList<>(arrays.keySet());
            order.sort(Comparator.comparingInt(FILE_ORDER::indexOf));
            layers.add(new StoredLayer(
                    name, true, "", order.stream().map(arrays::get).toList()));
        });
        return new WeightsFile(zip.path(), new OwnLayout(), layers, List.of(), Map.of(), zip.channel());
    }

    /** A parameter as DL4J has it, but the variance where DL4J has the logarithm of its root. */
    private static final class Parameter extends StoredArray {
        private final INDArray array;
        private final boolean logarithm;

        Parameter(Path file, String name, INDArray array, boolean logarithm) {
            super(file, name, array.shape());
            this.array = array;
            this.logarithm = logarithm;
        }

        @Override
        protected float[] values(int size) {
            float[] values = array.data().asFloat();
            for (int i = 0; logarithm && i < values.length; i++) {
                values[i] = (float) Math.pow(10, 2.0 * values[i]);
            }
            return values;
        }
    }

    /**
     * DL4J's own layout: kernels of dense layers are [in, out], of depthwise convolutions [height, width, in, multiplier], of the
     * first part of separable ones [multiplier, in, height, width]; all others are as ours.
     */
    private static final class OwnLayout implements ArrayLayout {
        @Override
        public String owner() {
            return "DL4J";
        }

        @Override
        public long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel) {
            long[] shape = kernel.shape().toArray();
            if (kernel.op() instanceof Op.Dense) {
                return new long[] {shape[1], shape[0]};
            }
            if (!isOfChannels(layer, kernel)) {
                return shape;
            }
            long inputs = ((Op.Convolution) kernel.op()).inputs();
            long multiplier = shape[0] / inputs;
            return layer.isSeparable()
                    ? new long[] {multiplier, inputs, shape[2], shape[3]}
                    : new long[] {shape[2], shape[3], inputs, multiplier};
        }

        private static boolean isOfChannels(LayerShapes layer, LayerShapes.Parameter kernel) {
            return layer.isSeparable() ? kernel.equals(layer.parameters().get(0)) : kernel.isDepthwise();
        }

        @Override
        public float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored) {
            long[] there = kernelShape(layer, kernel);
            if (kernel.op() instanceof Op.Dense) {
                return ArrayLayout.transposed(stored, (int) there[0], (int) there[1]);
            }
            if (!isOfChannels(layer, kernel)) {
                return stored;
            }
            return layer.isSeparable()
                    ? ArrayLayout.transposed(stored, (int) there[0], (int) there[1], (int) (there[2] * there[3]))
                    : ArrayLayout.transposed(stored, (int) (there[0] * there[1]), (int) (there[2] * there[3]));
        }
    }

    private SourceNetwork network() throws IOException {
        try {
            JsonNode json = configuration();
            ComputationGraphConfiguration graph =
                    Dl4jJson.isGraph(json) ? Dl4jJson.graph(json) : SourceNetwork.graph(Dl4jJson.row(json));
            requireOrder(graph);
            return new SourceNetwork(String.valueOf(zip.path().getFileName()), graph, parameters(graph));
        } catch (MalformedModelException e) {
            throw new ModelFileException(zip.path(), e.reason(), e);
        } catch (TransferException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(zip.path(), String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            // DL4J builds a network of anything, and stumbles over what is missing
            throw new ModelFileException(zip.path(), CONFIGURATION + " is not the configuration of a network: " + e, e);
        }
    }

    /** DL4J notes the order of the parameters in the configuration that it saves with them, and takes any. */
    private void requireOrder(ComputationGraphConfiguration graph) {
        List<String> order = graph.getTopologicalOrderStr();
        Set<String> all = new HashSet<>(graph.getVertices().keySet());
        all.addAll(graph.getNetworkInputs());
        if (order != null && (order.size() != all.size() || !all.equals(Set.copyOf(order)))) {
            throw new ModelFileException(
                    zip.path(), "has a topologicalOrderStr that is not each of " + all + " once, but " + order);
        }
    }

    private JsonNode configuration() throws IOException {
        for (String name : List.of(CONFIGURATION, Coefficients.NAME)) {
            if (!zip.has(name)) {
                throw new ModelFileException(zip.path(), "is no model of DL4J: it has no entry called " + name);
            }
        }
        String json = StrictJson.decode(CONFIGURATION, zip.bytes(CONFIGURATION, StrictJson.LARGEST));
        return StrictJson.parse(Dl4jJson.NAME, json);
    }

    /** All parameters in one row [1, expected]; nothing is allocated for another number. */
    private INDArray values(long expected) {
        try (InputStream content = new BufferedInputStream(zip.stream(Coefficients.NAME))) {
            Coefficients coefficients = Coefficients.open(content);
            if (coefficients.length() != expected) {
                throw new MalformedModelException(Coefficients.NAME + " has " + coefficients.length()
                        + " numbers, but the network of its configuration has " + expected);
            }
            // all in one row, and each apart
            NativeMemory.require(
                    zip.path(),
                    String.format(Locale.ROOT, "a network of %,d parameters", expected),
                    2 * Float.BYTES * expected);
            INDArray values = Nd4j.createUninitialized(DataType.FLOAT, 1, expected);
            FloatPointer target = new FloatPointer(values.data().addressPointer());
            float[] some = new float[PIECE];
            for (long done = 0; done < expected; done += PIECE) {
                int count = (int) Math.min(PIECE, expected - done);
                coefficients.read(some, count);
                requireFinite(some, count);
                target.position(done).put(some, 0, count);
            }
            coefficients.requireEnd(zip.checksum(Coefficients.NAME));
            return values;
        } catch (MalformedModelException e) {
            throw new ModelFileException(zip.path(), "is damaged: " + e.reason(), e);
        } catch (IOException e) {
            throw new ModelFileException(
                    zip.path(), "is damaged: " + Coefficients.NAME + " can't be read (" + e + ")", e);
        }
    }

    private static void requireFinite(float[] values, int count) throws MalformedModelException {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i])) {
                throw new MalformedModelException(
                        Coefficients.NAME + " holds a value that is not finite: " + values[i]);
            }
        }
    }

    /** The parameters, which DL4J keeps in one array in its order of the vertices. */
    private Map<String, Map<String, INDArray>> parameters(ComputationGraphConfiguration configuration)
            throws IOException {
        Network.inOrder(
                configuration.getVertices().keySet(),
                name -> configuration.getVertexInputs().getOrDefault(name, List.of()));
        long count = count(configuration);
        if (count > zip.channel().size() * MOST_PARAMETERS_PER_BYTE) {
            throw new ModelFileException(
                    zip.path(),
                    String.format(
                            Locale.ROOT, "is damaged: a network of %,d parameters can't be in so small a file", count));
        }
        if (count == 0) {
            return Map.of();
        }
        INDArray values = values(count);
        configuration.setDataType(DataType.FLOAT);
        ComputationGraph graph = new ComputationGraph(configuration.clone());
        graph.init(values, false);
        Map<String, Map<String, INDArray>> copies = new LinkedHashMap<>();
        Graphs.parameters(graph).forEach((layer, parameters) -> {
            Map<String, INDArray> copied = new LinkedHashMap<>();
            parameters.forEach((name, value) -> copied.put(name, value.dup('c')));
            copies.put(layer, copied);
        });
        return copies;
    }

    private long count(ComputationGraphConfiguration configuration) {
        try {
            long count = Graphs.parameterCount(configuration);
            if (count < 0) {
                throw new ModelFileException(zip.path(), CONFIGURATION + " has a layer of " + count + " parameters");
            }
            return count;
        } catch (ArithmeticException | NullPointerException e) {
            throw new ModelFileException(zip.path(), CONFIGURATION + " is not the configuration of a network: " + e, e);
        }
    }

    /**
     * The array {@code coefficients.bin} in a model of DL4J, as {@code Nd4j.write} writes it, read in order: two buffers, of
     * the shape and of the values, each with the name of its kind of memory, its length, the name of its type, and its
     * big-endian numbers; texts are in Java's modified UTF-8. Read by us: ND4J's own reader believes any length. Nothing is
     * allocated for what the file says.
     */
    static final class Coefficients {
        /** What the array is called in the archive. */
        static final String NAME = "coefficients.bin";

        /** Kinds of memory that stand before a length of 32 bits, in files of DL4J's first versions; others' has 64 bits. */
        private static final Set<String> SHORT_LENGTH = Set.of("DIRECT", "HEAP", "JAVACPP");

        private static final Set<String> LONG_LENGTH = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

        /** What describes a shape of 32 dimensions, the most of ND4J. */
        private static final long LONGEST_SHAPE = 2 * 32 + 4;

        private static final Map<String, Integer> SHAPE_BYTES = Map.of("LONG", Long.BYTES, "INT", Integer.BYTES);
        private static final Map<String, Integer> VALUE_BYTES =
                Map.of("FLOAT", Float.BYTES, "DOUBLE", Double.BYTES, "HALF", Short.BYTES);

        private static final int PIECE_BYTES = 1 << 16;

        private final CheckedInputStream checked;
        private final DataInputStream content;
        private final byte[] piece = new byte[PIECE_BYTES];
        private final Header values;
        private final int width;

        /** What stands before a buffer's numbers. */
        private record Header(long length, String type) {}

        private Coefficients(InputStream in) throws IOException {
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
        static Coefficients open(InputStream in) throws IOException {
            try {
                return new Coefficients(in);
            } catch (EOFException e) {
                throw endsEarly(e);
            }
        }

        /** How many values there are, if the file is right. */
        long length() {
            return values.length();
        }

        /**
         * Reads the next values.
         *
         * @param target receives them from its beginning
         * @throws MalformedModelException if there are not so many
         */
        void read(float[] target, int count) throws IOException {
            try {
                for (int done = 0; done < count; ) {
                    int part = Math.min(PIECE_BYTES / width, count - done);
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
        void requireEnd(long crc32) throws IOException {
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
}
