package org.transfer4j.internal.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Properties;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.Trunk;

/** Runs a frozen graph on DL4J itself: everywhere, for every layer, slowly. */
final class Dl4jTrunk implements Trunk {
    /** Where Maven notes a jar's version; ND4J says it nowhere else. */
    private static final String VERSION_FILE = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";

    private final ComputationGraph graph;
    private final Shape imageShape;
    private final Shape featureShape;
    private final String engine = "DL4J on " + backend() + ", threads: " + NativeThreads.count();
    private boolean closed;

    Dl4jTrunk(ComputationGraph graph, Shape imageShape, Shape featureShape) {
        this.graph = graph;
        this.imageShape = imageShape;
        this.featureShape = featureShape;
    }

    @Override
    public long[] featureShape() {
        return featureShape.toArray();
    }

    // one call at a time: a ComputationGraph keeps each layer's input in the layer
    @Override
    public synchronized INDArray infer(INDArray images) {
        if (closed) {
            throw new IllegalStateException("the trunk is closed");
        }
        long[] shape = images.shape();
        if (shape.length != 4 || !Arrays.equals(shape, imageShape.withBatch(shape[0]))) {
            throw new IllegalArgumentException("the trunk takes images [N, " + imageShape.channels() + ", "
                    + imageShape.height() + ", " + imageShape.width() + "], got " + Arrays.toString(shape));
        }
        INDArray features = graph.outputSingle(false, images);
        return features.ordering() == 'c' && !features.isView() ? features : features.dup('c');
    }

    @Override
    public String engine() {
        return engine;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    /** What is behind ND4J, and decides the last bits: such as {@code CpuBackend of ND4J 1.0.0-M2.1}. */
    private static String backend() {
        return Nd4j.getBackend().getClass().getSimpleName() + " of ND4J " + version();
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = Nd4j.class.getResourceAsStream(VERSION_FILE)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read " + VERSION_FILE + " of nd4j-api", e);
        }
        return properties.getProperty("version", "of unknown version");
    }
}
