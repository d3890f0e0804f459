package org.transfer4j.internal.engine.onednn;

import static org.transfer4j.internal.engine.onednn.TrunkParity.assertParity;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;

/** What ResNet, MobileNet, EfficientNet and DenseNet are made of computes what DL4J computes. */
class BackboneKindsParityTest {
    @ParameterizedTest
    @MethodSource
    void depthwise(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> depthwise() {
        return Stream.of(
                graph("of the input", of(3, 9, 8).layer(depthwise(3, 1, 1))),
                graph("whole blocks", convolved(32).layer(depthwise(3, 1, 1))),
                graph("channels that fill no block", convolved(21).layer(depthwise(3, 1, 1))),
                graph("same, stride 2", convolved(32).layer(depthwise(3, 2, 1))),
                graph(
                        "same, stride 2, channels that fill no block",
                        convolved(21).layer(depthwise(3, 2, 1))),
                graph("5x5, stride 2", convolved(24).layer(depthwise(5, 2, 1))),
                graph("two outputs for each input", convolved(16).layer(depthwise(3, 1, 2))),
                graph("three outputs for each input", convolved(5).layer(depthwise(3, 2, 3))),
                graph(
                        "truncated, no bias, not square",
                        convolved(20)
                                .layer(new DepthwiseConvolution2D.Builder()
                                        .kernelSize(3, 2)
                                        .stride(2, 1)
                                        .padding(1, 0)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .hasBias(false)
                                        .activation(Activation.SWISH)
                                        .build())),
                graph(
                        "normalized",
                        convolved(32)
                                .layer(depthwise(3, 1, 1, Activation.IDENTITY))
                                .layer(new BatchNormalization())
                                .layer(new ActivationLayer(Activation.RELU6))),
                graph("separable", convolved(20).layer(separable(1))),
                graph("separable, two between for each input", convolved(6).layer(separable(2))));
    }

    @ParameterizedTest
    @MethodSource
    void paddings(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> paddings() {
        ZeroPaddingLayer around = new ZeroPaddingLayer(1, 1);
        ZeroPaddingLayer after = new ZeroPaddingLayer(0, 1, 0, 1);
        return Stream.of(
                graph("alone", of(3, 6, 7).layer(new ZeroPaddingLayer(1, 2, 3, 0))),
                graph("last", convolved(20).layer(new ZeroPaddingLayer(2, 0, 1, 1))),
                graph("of nothing", convolved(20).layer(new ZeroPaddingLayer(0, 0))),
                graph(
                        "before a convolution",
                        of(3, 9, 8).layer(new ZeroPaddingLayer(3, 3)).layer(valid(7, 2))),
                graph(
                        "more than the kernel",
                        convolved(16).layer(new ZeroPaddingLayer(2, 2)).layer(valid(1, 1))),
                graph(
                        "before a normalization",
                        convolved(16)
                                .layer(around)
                                .layer(new BatchNormalization())
                                .layer(valid(3, 1))),
                graph(
                        "before a depthwise convolution",
                        convolved(32)
                                .layer(after)
                                .layer(new DepthwiseConvolution2D.Builder()
                                        .kernelSize(3, 3)
                                        .stride(2, 2)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .hasBias(false)
                                        .activation(Activation.RELU6)
                                        .build())),
                graph("before a maximum of rectified", pooled(Activation.RELU, TestGraph.maximum(3, 2))),
                graph("before a maximum of anything", pooled(Activation.IDENTITY, TestGraph.maximum(3, 2))),
                graph("before a mean", pooled(Activation.IDENTITY, TestGraph.mean(3, 2))),
                graph(
                        "before a mean that pads itself",
                        pooled(Activation.IDENTITY, TestGraph.mean(4, 2).padding(1, 1))),
                graph(
                        "before a mean that pads itself and counts it",
                        pooled(
                                Activation.IDENTITY,
                                TestGraph.mean(4, 2).padding(1, 1).avgPoolIncludePadInDivisor(true))),
                graph("as large as the pooling", pooled(Activation.RELU, TestGraph.maximum(1, 1))),
                graph("read twice", readTwice(around)));
    }

    @ParameterizedTest
    @MethodSource
    void vertices(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> vertices() {
        return Stream.of(
                graph("product", joined(ElementWiseVertex.Op.Product, 20, false)),
                graph("product with one number a channel", joined(ElementWiseVertex.Op.Product, 20, true)),
                graph(
                        "product with one number a channel, whole blocks",
                        joined(ElementWiseVertex.Op.Product, 32, true)),
                graph("sum with one number a channel", joined(ElementWiseVertex.Op.Add, 32, true)),
                graph("merged, whole blocks", merged(32, 16, 48)),
                graph("merged, channels that fill no block", merged(20, 7, 16)),
                graph("merged with itself", convolvedTwiceMerged()),
                graph("merged with the input", mergedWithInput()),
                graph("merged and flat", mergedFlat()),
                graph("repeated", convolved(20).layer(upsampling(2, 3))),
                graph("repeated, whole blocks", convolved(32).layer(upsampling(3, 1))),
                graph("one number a channel, repeated for two readers", repeatedForTwo()),
                graph("scaled", convolved(20).vertex(new ScaleVertex(0.25), "layer1")),
                graph("shifted", convolved(20).vertex(new ShiftVertex(-0.5), "layer1")),
                graph("input scaled", of(3, 5, 6).vertex(new ScaleVertex(1 / 127.5), "input")));
    }

    /** DL4J computes this, and only its check of input types does not know. */
    @ParameterizedTest
    @EnumSource(
            value = ElementWiseVertex.Op.class,
            names = {"Add", "Product"})
    void oneNumberAChannelOfAGraphWithoutInputTypes(ElementWiseVertex.Op operation) throws Exception {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("input")
                .addLayer("image", convolution(3, 20), "input")
                .addLayer(
                        "pooled",
                        new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                .collapseDimensions(false)
                                .build(),
                        "image")
                .addLayer("factors", convolution(20, 20), "pooled")
                .addVertex("joined", new ElementWiseVertex(operation), "factors", "image")
                .setOutputs("joined")
                .validateOutputLayerConfig(false);
        ComputationGraph dl4j = new ComputationGraph(graph.build());
        dl4j.init();

        assertParity(of(3, 9, 7), dl4j);
    }

    private static ConvolutionLayer convolution(int inputs, int outputs) {
        return TestGraph.convolution(outputs, 1, 1)
                .nIn(inputs)
                .activation(Activation.SIGMOID)
                .build();
    }

    @ParameterizedTest
    @MethodSource
    void rectifiers(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> rectifiers() {
        return Stream.of(
                graph("capped", rectified(new ActivationReLU(1.5, 0.0, 0.0))),
                graph(
                        "capped at zero",
                        rectified(new ActivationReLU(0.0, 0.0, 0.0)).convolution(4, 1, 1, Activation.IDENTITY)),
                graph("leaky", rectified(new ActivationReLU(null, 0.0, 0.3))));
    }

    @ParameterizedTest
    @MethodSource
    void blocks(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> blocks() {
        return Stream.of(
                graph("inverted residual", Blocks.invertedResidual(of(3, 9, 11), 16, false)),
                graph(
                        "inverted residual, channels that fill no block",
                        Blocks.invertedResidual(of(3, 9, 11), 10, false)),
                graph("inverted residual, stride 2", Blocks.invertedResidual(of(3, 9, 12), 16, true)),
                graph("squeeze and excite", Blocks.squeezeAndExcite(of(3, 11, 9), 32)),
                graph("squeeze and excite, channels that fill no block", Blocks.squeezeAndExcite(of(3, 10, 9), 20)),
                graph("dense block", Blocks.dense(of(3, 12, 10), 32, 16)),
                graph("dense block, channels that fill no block", Blocks.dense(of(3, 9, 11), 20, 12)),
                graph("bottleneck, stride 2", Blocks.bottleneck(of(3, 21, 19), 16)));
    }

    private static TestGraph of(int channels, int height, int width) {
        return TestGraph.of(channels, height, width);
    }

    private static Arguments graph(String name, TestGraph graph) {
        return Arguments.of(Named.of(name, graph));
    }

    private static TestGraph convolved(int channels) {
        return of(3, 9, 11).convolution(channels, 3, 1, Activation.IDENTITY);
    }

    private static DepthwiseConvolution2D depthwise(int kernel, int stride, int multiplier) {
        return depthwise(kernel, stride, multiplier, Activation.RELU);
    }

    private static DepthwiseConvolution2D depthwise(int kernel, int stride, int multiplier, Activation activation) {
        return new DepthwiseConvolution2D.Builder()
                .kernelSize(kernel, kernel)
                .stride(stride, stride)
                .depthMultiplier(multiplier)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation)
                .build();
    }

    private static SeparableConvolution2D separable(int multiplier) {
        return new SeparableConvolution2D.Builder(3, 3)
                .nOut(24)
                .depthMultiplier(multiplier)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.RELU)
                .build();
    }

    private static ConvolutionLayer valid(int kernel, int stride) {
        return TestGraph.convolution(24, kernel, stride)
                .convolutionMode(ConvolutionMode.Truncate)
                .activation(Activation.RELU)
                .build();
    }

    private static TestGraph pooled(Activation before, SubsamplingLayer.Builder pooling) {
        return of(3, 9, 12)
                .convolution(20, 3, 1, before)
                .layer(new ZeroPaddingLayer(1, 1))
                .layer(pooling.convolutionMode(ConvolutionMode.Truncate).build());
    }

    private static TestGraph readTwice(ZeroPaddingLayer padding) {
        TestGraph graph = convolved(16).layer(padding);
        String padded = graph.last();
        String left = graph.layer(valid(3, 1)).last();
        String right = graph.from(padded).layer(valid(3, 1)).last();
        return graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), left, right);
    }

    private static TestGraph joined(ElementWiseVertex.Op operation, int channels, boolean oneNumberAChannel) {
        TestGraph graph = convolved(channels);
        String image = graph.last();
        if (oneNumberAChannel) {
            graph.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG)
                    .collapseDimensions(false)
                    .build());
        }
        graph.convolution(channels, 1, 1, Activation.SIGMOID);
        if (oneNumberAChannel) {
            graph.layer(upsampling(9, 11));
        }
        return graph.vertex(new ElementWiseVertex(operation), image, graph.last());
    }

    private static Upsampling2D upsampling(int height, int width) {
        return new Upsampling2D.Builder().size(new int[] {height, width}).build();
    }

    private static TestGraph merged(int... channels) {
        TestGraph graph = convolved(16);
        String start = graph.last();
        String[] parts = new String[channels.length];
        for (int i = 0; i < channels.length; i++) {
            parts[i] = graph.from(start)
                    .convolution(channels[i], 1, 1, Activation.RELU)
                    .last();
        }
        return graph.vertex(new MergeVertex(), parts).convolution(16, 3, 1, Activation.RELU);
    }

    private static TestGraph convolvedTwiceMerged() {
        return convolved(16).vertex(new MergeVertex(), "layer1", "layer1");
    }

    private static TestGraph mergedWithInput() {
        return convolved(32).vertex(new MergeVertex(), "input", "layer1").convolution(16, 1, 1, Activation.RELU);
    }

    private static TestGraph mergedFlat() {
        TestGraph graph = convolved(20);
        String left = graph.layer(new GlobalPoolingLayer(PoolingType.AVG)).last();
        String right = graph.from("layer1")
                .layer(new GlobalPoolingLayer(PoolingType.MAX))
                .last();
        return graph.vertex(new MergeVertex(), left, right);
    }

    private static TestGraph repeatedForTwo() {
        TestGraph graph = joined(ElementWiseVertex.Op.Product, 32, true);
        return graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), graph.last(), "layer4");
    }

    private static TestGraph rectified(ActivationReLU function) {
        return of(3, 9, 9)
                .layer(TestGraph.convolution(20, 3, 1).activation(function).build());
    }
}
