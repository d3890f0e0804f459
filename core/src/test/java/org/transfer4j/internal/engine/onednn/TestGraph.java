package org.transfer4j.internal.engine.onednn;

import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.testing.Dl4jGraphs;

/** Builds small DL4J graphs with random weights that are the same in every run. */
final class TestGraph {
    private final long[] inputShape;
    private final GraphBuilder graph;
    private InputType[] inputTypes;
    private String last = "input";
    private int count;

    private TestGraph(DataType type, int channels, int height, int width) {
        inputShape = new long[] {channels, height, width};
        inputTypes = new InputType[] {InputType.convolutional(height, width, channels)};
        graph = new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(type)
                .weightInit(WeightInit.RELU)
                .graphBuilder()
                .addInputs("input")
                .validateOutputLayerConfig(false);
    }

    static TestGraph of(int channels, int height, int width) {
        return new TestGraph(DataType.FLOAT, channels, height, width);
    }

    static TestGraph of(DataType type, int channels, int height, int width) {
        return new TestGraph(type, channels, height, width);
    }

    /** VGG16's thirteen convolutions with fewer channels, given for the first block. */
    static TestGraph vgg(int width, int size) {
        TestGraph graph = of(3, size, size);
        int[][] blocks = {{2, 1}, {2, 2}, {3, 4}, {3, 8}, {3, 8}};
        for (int[] block : blocks) {
            for (int i = 0; i < block[0]; i++) {
                graph.convolution(block[1] * width, 3, 1, Activation.RELU);
            }
            graph.layer(maximum(2, 2).build());
        }
        return graph;
    }

    static SubsamplingLayer.Builder maximum(int kernel, int stride) {
        return new SubsamplingLayer.Builder(
                SubsamplingLayer.PoolingType.MAX, new int[] {kernel, kernel}, new int[] {stride, stride});
    }

    static SubsamplingLayer.Builder mean(int kernel, int stride) {
        return new SubsamplingLayer.Builder(
                SubsamplingLayer.PoolingType.AVG, new int[] {kernel, kernel}, new int[] {stride, stride});
    }

    static ConvolutionLayer.Builder convolution(int outputs, int kernel, int stride) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .nOut(outputs);
    }

    TestGraph convolution(int outputs, int kernel, int stride, Activation activation) {
        return layer(convolution(outputs, kernel, stride)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation)
                .build());
    }

    TestGraph layer(Layer layer) {
        String name = "layer" + ++count;
        graph.addLayer(name, layer, last);
        last = name;
        return this;
    }

    TestGraph vertex(GraphVertex vertex, String... inputs) {
        String name = "layer" + ++count;
        graph.addVertex(name, vertex, inputs);
        last = name;
        return this;
    }

    /** Goes on from an earlier layer. */
    TestGraph from(String name) {
        last = name;
        return this;
    }

    String last() {
        return last;
    }

    TestGraph flatten(int channels, int height, int width) {
        return vertex(new PreprocessorVertex(new CnnToFeedForwardPreProcessor(height, width, channels)), last);
    }

    TestGraph secondInput(String name) {
        graph.addInputs(name);
        inputTypes = new InputType[] {inputTypes[0], inputTypes[0]};
        return this;
    }

    TestGraph inputType(InputType type) {
        inputTypes = new InputType[] {type};
        return this;
    }

    ComputationGraph build() {
        ComputationGraph built = new ComputationGraph(
                graph.setInputTypes(inputTypes).setOutputs(last).build());
        built.init();
        Random random = new Random(11);
        for (org.deeplearning4j.nn.api.Layer layer : built.getLayers()) {
            for (Map.Entry<String, INDArray> parameter : layer.paramTable().entrySet()) {
                randomize(parameter.getKey(), parameter.getValue(), random);
            }
        }
        return built;
    }

    private static void randomize(String name, INDArray values, Random random) {
        switch (name) {
            case "b", "beta", "mean", "log10stdev" -> fill(values, () -> 0.3 * random.nextGaussian());
            case "gamma", "var" -> fill(values, () -> 0.5 + random.nextDouble());
            default -> {}
        }
    }

    private static void fill(INDArray values, DoubleSupplier source) {
        for (long i = 0; i < values.length(); i++) {
            values.putScalar(i, source.getAsDouble());
        }
    }

    static OneDnnTrunk compile(ComputationGraph graph, long[] inputShape, Precision precision) {
        return compile(graph, inputShape, precision, AlgorithmChoices.TABLE);
    }

    /** As the engine does where oneDNN has all. */
    static OneDnnTrunk compile(
            ComputationGraph graph, long[] inputShape, Precision precision, AlgorithmChoices algorithms) {
        WeightedNetwork network = Dl4jGraphs.weighted(graph, inputShape);
        return OneDnnTrunk.compile(network.network(), network.values(), precision, algorithms);
    }

    long[] inputShape() {
        return inputShape.clone();
    }

    /** Images with values as after preprocessing. */
    INDArray images(int batch) {
        return images(batch, inputShape);
    }

    static INDArray images(int batch, long[] shape) {
        Random random = new Random(batch);
        float[] values = new float[(int) (batch * shape[0] * shape[1] * shape[2])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Nd4j.create(values, new long[] {batch, shape[0], shape[1], shape[2]}, 'c');
    }
}
