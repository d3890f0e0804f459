package org.transfer4j.internal.dl4j;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.FloatPointer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.dl4j.Dl4jCoefficients;
import org.transfer4j.internal.format.dl4j.TopologyReader;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.DependencyOrder;

/**
 * A network in a zip file of DL4J's {@code ModelSerializer}, which nobody vouches for: {@code configuration.json}, whose
 * class names are held against a list before any class is loaded, and {@link Dl4jCoefficients}. Updaters and
 * normalizers, which may come by Java serialization, are not looked at.
 */
public final class Dl4jModelFile {
    private static final String CONFIGURATION = "configuration.json";

    private static final int PIECE = 1 << 14;

    /** No configuration is longer. */
    private static final int LARGEST = 16 << 20;

    /** A number takes two bytes at least, and deflate makes a thousandth of them at best. */
    private static final double MOST_PARAMETERS_PER_BYTE = 1032 / 2.0;

    private final Path path;
    private final ZipFile zip;

    private Dl4jModelFile(Path path, ZipFile zip) {
        this.path = path;
        this.zip = zip;
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
        try (ZipFile zip = new ZipFile(path.toFile())) {
            return new Dl4jModelFile(path, zip).read();
        } catch (TransferException e) {
            throw e;
        } catch (RuntimeException e) {
            // DL4J builds a network of anything, and stumbles over what is missing
            throw new ModelFileException(path, CONFIGURATION + " is not the configuration of a network: " + e, e);
        } catch (ZipException | EOFException e) {
            throw new ModelFileException(path, "is no zip file of DL4J, or damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw FileFailure.of("can't read the model file " + path, e);
        }
    }

    private SourceNetwork read() throws IOException {
        Set<String> names = new HashSet<>();
        for (ZipEntry entry : Collections.list(zip.entries())) {
            if (!names.add(entry.getName())) {
                throw new ModelFileException(path, "is damaged: two entries are called " + entry.getName());
            }
        }
        String json = configuration();
        String name = String.valueOf(path.getFileName());
        try {
            // the two kinds of configuration differ in this property alone
            SourceNetwork network = TopologyReader.isGraph(path, json)
                    ? new SourceNetwork(name, TopologyReader.read(path, json), Map.of())
                    : SourceNetwork.of(name, checked(TopologyReader.readLayers(path, json)), Map.of());
            return new SourceNetwork(name, network.configuration(), parameters(network.configuration()));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(path, String.valueOf(e.getMessage()), e);
        }
    }

    /** DL4J would take any JSON for a network. */
    private MultiLayerConfiguration checked(MultiLayerConfiguration layers) {
        // DL4J's getters are not annotated: each of these is null where the file has nothing
        boolean whole = layers.getConfs() != null && layers.getInputPreProcessors() != null;
        if (whole) {
            for (NeuralNetConfiguration layer : layers.getConfs()) {
                whole &= layer != null && layer.getLayer() != null;
            }
        }
        if (!whole) {
            throw new ModelFileException(path, CONFIGURATION + " is not the configuration of a network");
        }
        return layers;
    }

    private String configuration() throws IOException {
        byte[] bytes;
        try (InputStream content = open(CONFIGURATION)) {
            bytes = content.readNBytes(LARGEST + 1);
        }
        if (bytes.length > LARGEST) {
            throw new ModelFileException(path, CONFIGURATION + " has more than " + LARGEST + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelFileException(path, CONFIGURATION + " is not valid UTF-8", e);
        }
    }

    private ZipEntry entry(String name) {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new ModelFileException(path, "is no model of DL4J: it has no entry called " + name);
        }
        return entry;
    }

    private InputStream open(String name) throws IOException {
        return new BufferedInputStream(zip.getInputStream(entry(name)));
    }

    /** All parameters in one row [1, expected]; nothing is allocated for another number. */
    private INDArray values(long expected) throws IOException {
        try (InputStream content = open(Dl4jCoefficients.NAME)) {
            Dl4jCoefficients coefficients = Dl4jCoefficients.open(content);
            if (coefficients.length() != expected) {
                throw new MalformedModelException(Dl4jCoefficients.NAME + " has " + coefficients.length()
                        + " numbers, but the network of its configuration has " + expected);
            }
            // all in one row, and each apart
            NativeMemory.require(
                    path,
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
            coefficients.requireEnd(entry(Dl4jCoefficients.NAME).getCrc());
            return values;
        } catch (MalformedModelException e) {
            throw new ModelFileException(path, "is damaged: " + e.reason(), e);
        }
    }

    private static void requireFinite(float[] values, int count) throws MalformedModelException {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i])) {
                throw new MalformedModelException(
                        Dl4jCoefficients.NAME + " holds a value that is not finite: " + values[i]);
            }
        }
    }

    /** The parameters, which DL4J keeps in one array in its order of the vertices. */
    private Map<String, Map<String, INDArray>> parameters(ComputationGraphConfiguration configuration)
            throws IOException {
        DependencyOrder.of(
                configuration.getVertices().keySet(),
                name -> configuration.getVertexInputs().getOrDefault(name, List.of()));
        long count = count(configuration);
        if (count > Files.size(path) * MOST_PARAMETERS_PER_BYTE) {
            throw new ModelFileException(
                    path,
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
        Map<String, Map<String, INDArray>> copies = new HashMap<>();
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
                throw new ModelFileException(path, CONFIGURATION + " has a layer of " + count + " parameters");
            }
            return count;
        } catch (ArithmeticException | NullPointerException e) {
            throw new ModelFileException(path, CONFIGURATION + " is not the configuration of a network: " + e, e);
        }
    }
}
