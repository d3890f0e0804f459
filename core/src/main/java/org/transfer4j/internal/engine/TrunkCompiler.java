package org.transfer4j.internal.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Engine;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.engine.onednn.OneDnnTrunk;
import org.transfer4j.internal.engine.reference.ReferenceTrunk;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.onnx.OnnxExport;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;
import org.transfer4j.internal.trunk.Trunk;

/**
 * Makes a trunk of a frozen graph: on oneDNN where the machine and the layers allow it, else on ONNX Runtime where its module
 * is there, else on DL4J, and what DL4J can't say in Java; or on what {@link Engine#current} names, as far as it has the layers.
 */
public final class TrunkCompiler {
    private static final Logger LOG = LoggerFactory.getLogger(TrunkCompiler.class);

    private TrunkCompiler() {}

    /**
     * Makes a trunk for inference.
     *
     * @param frozen takes images [N, 3, H, W]
     * @param precision in what it computes if it can; the trunk's {@link Trunk#engine} says what it does
     * @param algorithms what oneDNN computes convolutions with
     */
    public static Trunk compile(WeightedNetwork frozen, Precision precision, AlgorithmChoices algorithms) {
        Trunk trunk = compileAs(frozen, precision, algorithms);
        LOG.debug("the frozen layers run on {}", trunk.engine());
        return trunk;
    }

    /** The same with the library's own choice of algorithms. */
    public static Trunk compile(WeightedNetwork frozen, Precision precision) {
        return compile(frozen, precision, AlgorithmChoices.TABLE);
    }

    private static Trunk compileAs(WeightedNetwork frozen, Precision precision, AlgorithmChoices algorithms) {
        if (frozen.network().hasOnnx()) {
            return onOnnxEngine(frozen, precision, algorithms);
        }
        Engine wanted = Engine.current();
        boolean anyIsWanted = wanted == Engine.AUTOMATIC || wanted == Engine.ONEDNN;
        if (anyIsWanted && OneDnn.available() && OneDnn.holdsArrays()) {
            try {
                return OneDnnTrunk.compile(frozen.network(), frozen.values(), available(precision), algorithms);
            } catch (UnsupportedGraphException e) {
                LOG.info("the frozen layers do not run on oneDNN: {}", e.getMessage());
            }
        }
        if ((anyIsWanted || wanted == Engine.ONNXRUNTIME) && OneDnn.holdsArrays()) {
            Optional<Trunk> trunk = exported(frozen, precision, wanted);
            if (trunk.isPresent()) {
                return trunk.get();
            }
        }
        Trunk trunk = withoutOneDnn(frozen);
        warnUnlessFloat(precision, trunk.engine() + " computes them");
        return trunk;
    }

    private static void warnUnlessFloat(Precision wanted, String reason) {
        if (wanted != Precision.FLOAT32) {
            LOG.warn("the frozen layers compute in {}, not in {}: {}", Precision.FLOAT32, wanted, reason);
        }
    }

    private static Trunk withoutOneDnn(WeightedNetwork frozen) {
        try {
            return onDl4j(frozen);
        } catch (UnsupportedGraphException e) {
            LOG.warn("the frozen layers are computed by plain Java, slowly: {}", e.getMessage());
            return inJava(frozen);
        }
    }

    /** Whether DL4J was chosen to compute. */
    static boolean isDl4jWanted() {
        return Engine.current() == Engine.DL4J;
    }

    /** The network as an ONNX model, where there is a runtime for such. */
    private static Optional<Trunk> exported(WeightedNetwork frozen, Precision precision, Engine wanted) {
        Optional<OnnxEngine> engine = OnnxEngine.find();
        if (engine.isEmpty()) {
            if (wanted == Engine.ONNXRUNTIME) {
                throw new IllegalStateException("the engine is " + wanted + " (Engine.use, or -D" + Engine.PROPERTY
                        + "), but the module org.transfer4j:transfer4j-onnxruntime is not on the class path");
            }
            return Optional.empty();
        }
        try {
            OnnxExport.Features model = OnnxExport.features(frozen);
            try (INDArray bytes = model.bytes()) {
                Trunk trunk = engine.get().open(model.op(), bytes);
                warnUnlessFloat(precision, "ONNX Runtime computes them");
                return Optional.of(trunk);
            }
        } catch (UnsupportedOperationException e) {
            LOG.info("the frozen layers do not run on ONNX Runtime: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** An ONNX model is the lowest node, or none at all; what is above it is compiled as anything else. */
    private static Trunk onOnnxEngine(WeightedNetwork frozen, Precision precision, AlgorithmChoices algorithms) {
        Network network = frozen.network();
        Network.Node model = network.nodes().values().iterator().next();
        if (!(model.op() instanceof Op.Onnx op) || !network.isCutPoint(model.name())) {
            throw new UnsupportedGraphException("an ONNX model is computed where it reads the images alone");
        }
        OnnxEngine engine = OnnxEngine.find().orElseThrow(() -> new IllegalStateException(OnnxEngine.MISSING));
        INDArray bytes = frozen.values().of(model, Op.MODEL);
        if (precision != Precision.FLOAT32) {
            LOG.warn("the frozen layers compute as their ONNX model says, not in {}", precision);
        }
        Trunk lower = engine.open(op, bytes);
        Network rest = network.above(model.name());
        if (rest.nodes().isEmpty()) {
            return lower;
        }
        try {
            return new ChainedTrunk(
                    lower, compileAs(new WeightedNetwork(rest, frozen.parameters()), Precision.FLOAT32, algorithms));
        } catch (RuntimeException | Error e) {
            lower.close();
            throw e;
        }
    }

    /**
     * Makes a trunk that DL4J itself computes, also where something faster could: to compare with.
     *
     * @param frozen takes images [N, 3, H, W]
     */
    public static Trunk onDl4j(WeightedNetwork frozen) {
        Network network = frozen.network();
        ComputationGraph graph = Graphs.instantiate(Dl4jWriter.write(network, new NoOp()));
        Dl4jParameters.copy(frozen, graph);
        return new Dl4jTrunk(graph, network.inputShape(), network.shape(network.output()));
    }

    /**
     * Makes a trunk that plain Java computes, also where something faster could: to compare with.
     *
     * @throws UnsupportedGraphException if it has a part that only DL4J knows
     */
    public static Trunk inJava(WeightedNetwork frozen) {
        return ReferenceTrunk.of(frozen.network(), frozen.values());
    }

    /**
     * No error where a CPU lacks a precision: a model that was trained with it elsewhere must predict here, and float is
     * nearer to the truth, only slower.
     */
    private static Precision available(Precision precision) {
        if (OneDnn.supports(precision)) {
            return precision;
        }
        warnUnlessFloat(precision, "this CPU lacks it");
        return Precision.FLOAT32;
    }

    /** One trunk on what another gives; both are closed with it. */
    private record ChainedTrunk(Trunk lower, Trunk upper) implements Trunk {
        @Override
        public long[] featureShape() {
            return upper.featureShape();
        }

        @Override
        public INDArray infer(INDArray images) {
            try (INDArray between = lower.infer(images)) {
                return upper.infer(between);
            }
        }

        @Override
        public Trunk forPasses(int batchSize) {
            return new ChainedTrunk(lower.forPasses(batchSize), upper.forPasses(batchSize));
        }

        @Override
        public int batchesAtOnce(int images) {
            return lower.batchesAtOnce(images);
        }

        @Override
        public void prepare(int images) {
            lower.prepare(images);
            upper.prepare(images);
        }

        @Override
        public String engine() {
            return lower.engine() + "; " + upper.engine();
        }

        @Override
        public Map<String, Algorithm> recordedAlgorithms() {
            return upper.recordedAlgorithms();
        }

        @Override
        public void close() {
            lower.close();
            upper.close();
        }
    }

    /** Runs a frozen graph on DL4J itself: everywhere, for every layer, slowly. */
    static final class Dl4jTrunk implements Trunk {
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
}
