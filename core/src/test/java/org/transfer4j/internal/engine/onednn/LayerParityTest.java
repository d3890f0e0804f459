package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.internal.engine.onednn.TrunkParity.assertParity;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;

/** Every supported layer and setting computes what DL4J computes. */
class LayerParityTest {
    @ParameterizedTest
    @MethodSource
    void convolutions(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> convolutions() {
        return Stream.of(
                graph("3x3 same, relu", of(3, 8, 8).convolution(16, 3, 1, Activation.RELU)),
                graph("3x3 same, identity", of(3, 8, 8).convolution(16, 3, 1, Activation.IDENTITY)),
                graph("3x3 same, odd size, stride 2", of(3, 9, 7).convolution(8, 3, 2, Activation.RELU)),
                graph("3x3 same, even size, stride 2", of(3, 8, 6).convolution(8, 3, 2, Activation.RELU)),
                graph("2x2 same", of(3, 7, 5).convolution(8, 2, 1, Activation.RELU)),
                graph("1x1", of(16, 7, 5).convolution(32, 1, 1, Activation.RELU)),
                graph("1x1 stride 2, even size", of(16, 6, 8).convolution(32, 1, 2, Activation.RELU)),
                graph("1x1 stride 2, odd size", of(16, 7, 9).convolution(32, 1, 2, Activation.RELU)),
                graph("7x7 stride 2", of(3, 33, 35).convolution(64, 7, 2, Activation.RELU)),
                graph("channels that fill no block", of(5, 9, 9).convolution(13, 3, 1, Activation.RELU)),
                graph("Winograd", of(32, 12, 12).convolution(64, 3, 1, Activation.RELU)),
                graph("Winograd, odd size", of(16, 13, 11).convolution(48, 3, 1, Activation.IDENTITY)),
                graph("Winograd, odd channels", of(17, 12, 12).convolution(19, 3, 1, Activation.RELU)),
                graph("truncate, padding 0", layer(17, 9, 9, truncated(3, 1, 0))),
                graph("truncate, padding 1", layer(17, 9, 9, truncated(3, 1, 1))),
                graph("truncate leaves out a row", layer(3, 10, 8, truncated(3, 2, 0))),
                graph("truncate, padding 3", layer(3, 20, 21, truncated(7, 2, 3))),
                graph("strict", layer(3, 9, 9, strict())),
                graph("without bias", layer(3, 9, 9, withoutBias())),
                graph("kernel, stride and padding not square", layer(4, 11, 14, notSquare())),
                graph("dilation, where Winograd would be worthwhile", layer(32, 16, 16, dilated(ConvolutionMode.Same))),
                graph("dilation, truncate", layer(5, 13, 14, dilated(ConvolutionMode.Truncate))),
                graph(
                        "two in a row",
                        of(3, 12, 12).convolution(16, 3, 1, Activation.RELU).convolution(16, 3, 1, Activation.RELU)));
    }

    @ParameterizedTest
    @MethodSource
    void poolings(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> poolings() {
        ConvolutionMode same = ConvolutionMode.Same;
        ConvolutionMode truncate = ConvolutionMode.Truncate;
        return Stream.of(
                graph("maximum", pooled(TestGraph.maximum(2, 2).convolutionMode(truncate))),
                graph("maximum, overlapping", pooled(TestGraph.maximum(3, 2).convolutionMode(truncate))),
                graph("maximum, same", pooled(TestGraph.maximum(3, 2).convolutionMode(same))),
                graph(
                        "maximum, same, even kernel",
                        pooled(TestGraph.maximum(2, 2).convolutionMode(same))),
                graph(
                        "maximum, padding",
                        pooled(TestGraph.maximum(3, 2).convolutionMode(truncate).padding(1, 1))),
                graph("mean", pooled(TestGraph.mean(2, 2).convolutionMode(truncate))),
                graph("mean, same", pooled(TestGraph.mean(3, 2).convolutionMode(same))),
                graph("mean, same, stride 1", pooled(TestGraph.mean(3, 1).convolutionMode(same))),
                graph(
                        "mean, padding",
                        pooled(TestGraph.mean(3, 2).convolutionMode(truncate).padding(1, 1))),
                graph(
                        "mean, padding counts",
                        pooled(TestGraph.mean(3, 2)
                                .convolutionMode(truncate)
                                .padding(1, 1)
                                .avgPoolIncludePadInDivisor(true))),
                graph(
                        "mean, same, padding counts",
                        pooled(TestGraph.mean(3, 2).convolutionMode(same).avgPoolIncludePadInDivisor(true))),
                graph("of the input", of(3, 9, 8).layer(TestGraph.maximum(2, 2).build())));
    }

    @ParameterizedTest
    @MethodSource
    void ends(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> ends() {
        return Stream.of(
                graph("flatten", convolved().flatten(20, 9, 11)),
                graph("flatten, dropout", convolved().flatten(20, 9, 11).layer(new DropoutLayer(0.5))),
                graph("flatten, relu", convolved().flatten(20, 9, 11).layer(activation(Activation.RELU))),
                graph("flatten alone", of(3, 4, 5).flatten(3, 4, 5)),
                graph("global mean", convolved().layer(new GlobalPoolingLayer(PoolingType.AVG))),
                graph("global maximum", convolved().layer(new GlobalPoolingLayer(PoolingType.MAX))),
                graph(
                        "global mean, not collapsed",
                        convolved()
                                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                        .collapseDimensions(false)
                                        .build())));
    }

    @ParameterizedTest
    @MethodSource
    void activations(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> activations() {
        Stream<Activation> functions = Stream.of(
                Activation.IDENTITY,
                Activation.RELU,
                Activation.RELU6,
                Activation.LEAKYRELU,
                Activation.SWISH,
                Activation.SIGMOID,
                Activation.TANH,
                Activation.ELU,
                Activation.SELU,
                Activation.SOFTSIGN,
                Activation.SOFTPLUS,
                Activation.MISH);
        return functions.flatMap(function -> Stream.of(
                graph("inside " + function, of(20, 9, 9).convolution(32, 3, 1, function)),
                graph("apart " + function, convolved().layer(activation(function))),
                graph(
                        "after a pooling " + function,
                        pooled(TestGraph.maximum(2, 2)).layer(activation(function)))));
    }

    @ParameterizedTest
    @MethodSource
    void norms(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> norms() {
        return Stream.of(
                graph("of the input", of(3, 9, 7).vertex(new L2NormalizeVertex(), "input")),
                graph("of an image", convolved().vertex(new L2NormalizeVertex(), "layer1")),
                graph(
                        "of a vector",
                        convolved()
                                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                                .vertex(new L2NormalizeVertex(), "layer2")),
                graph("below the least", convolved().vertex(new L2NormalizeVertex(new int[0], 1e6), "layer1")));
    }

    /** Where the repeated numbers are what something is taken from. */
    @Test
    void aDifferenceIsNotTurnedRound() throws Exception {
        TestGraph graph = convolved();
        String mean = graph.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .collapseDimensions(false)
                        .build())
                .layer(new Upsampling2D.Builder().size(new int[] {9, 11}).build())
                .last();
        assertParity(graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Subtract), mean, "layer1"));
    }

    @ParameterizedTest
    @MethodSource
    void parts(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> parts() {
        return Stream.of(
                graph("some channels", convolved().vertex(new SubsetVertex(3, 10), "layer1")),
                graph(
                        "a block of channels, read on",
                        of(3, 9, 9)
                                .convolution(48, 3, 1, Activation.RELU)
                                .vertex(new SubsetVertex(16, 31), "layer1")
                                .layer(TestGraph.maximum(2, 2).build())),
                graph("of the input", of(3, 9, 9).vertex(new SubsetVertex(1, 1), "input")),
                graph(
                        "a slope for each number",
                        convolved()
                                .layer(new PReLULayer.Builder()
                                        .inputShape(20, 9, 11)
                                        .build())),
                graph(
                        "one slope for all",
                        convolved()
                                .layer(new PReLULayer.Builder()
                                        .inputShape(20, 9, 11)
                                        .sharedAxes(1, 2, 3)
                                        .build())),
                graph(
                        "a slope for each channel",
                        convolved()
                                .layer(new PReLULayer.Builder()
                                        .inputShape(20, 9, 11)
                                        .sharedAxes(2, 3)
                                        .build())));
    }

    @ParameterizedTest
    @MethodSource
    void normalizations(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> normalizations() {
        return Stream.of(
                graph("after a convolution", convolved().layer(new BatchNormalization())),
                graph(
                        "after a convolution, before relu",
                        convolved().layer(new BatchNormalization()).layer(activation(Activation.RELU))),
                graph(
                        "after relu",
                        of(3, 9, 9).convolution(20, 3, 1, Activation.RELU).layer(new BatchNormalization())),
                graph(
                        "of the input",
                        of(3, 9, 9).layer(new BatchNormalization()).convolution(16, 3, 1, Activation.RELU)),
                graph("twice", convolved().layer(new BatchNormalization()).layer(new BatchNormalization())),
                graph(
                        "with a large eps",
                        convolved()
                                .layer(new BatchNormalization.Builder().eps(0.5).build())),
                graph(
                        "an activation of its own, which DL4J ignores",
                        convolved()
                                .layer(new BatchNormalization.Builder()
                                        .activation(Activation.RELU)
                                        .build())),
                graph(
                        "with the variance itself",
                        convolved()
                                .layer(new BatchNormalization.Builder()
                                        .useLogStd(false)
                                        .build())),
                graph(
                        "gamma and beta locked",
                        convolved()
                                .layer(new BatchNormalization.Builder()
                                        .lockGammaBeta(true)
                                        .gamma(1.5)
                                        .beta(0.25)
                                        .build())));
    }

    @ParameterizedTest
    @MethodSource
    void residuals(TestGraph graph) throws Exception {
        assertParity(graph);
    }

    static Stream<Arguments> residuals() {
        return Stream.of(
                graph("identity block", residual(false, false)),
                graph("identity block, relu", residual(false, true)),
                graph("projection block", residual(true, true)),
                graph("of the input", ofInput()),
                graph("a convolution and what it reads", sumWithOwnInput()),
                graph("the sum is read twice", readTwice()),
                graph("without a convolution", sumOfPoolings()),
                graph("to itself", twice()),
                graph("the difference", ofTwo(ElementWiseVertex.Op.Subtract)),
                graph("the maximum", ofTwo(ElementWiseVertex.Op.Max)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void frozenLayersAreReadThrough(boolean flat) throws Exception {
        ConvolutionLayer inner = TestGraph.convolution(16, 3, 1)
                .nIn(3)
                .activation(Activation.RELU)
                .build();
        TestGraph graph = of(3, 9, 9).layer(new FrozenLayer(inner));
        assertParity(flat ? graph.flatten(16, 7, 7) : graph);
    }

    @Test
    void whatTransferLearningFreezesIsReadThrough() throws Exception {
        TestGraph graph = residual(true, true).flatten(32, 10, 10);
        ComputationGraph frozen = new TransferLearning.GraphBuilder(graph.build())
                .fineTuneConfiguration(new FineTuneConfiguration.Builder().build())
                .setFeatureExtractor(graph.last())
                .build();

        assertThat(frozen.getConfiguration().getVertices().values()).hasAtLeastOneElementOfType(FrozenVertex.class);
        assertParity(graph, frozen);
    }

    private static Arguments graph(String name, TestGraph graph) {
        return Arguments.of(Named.of(name, graph));
    }

    private static TestGraph of(int channels, int height, int width) {
        return TestGraph.of(channels, height, width);
    }

    private static TestGraph layer(int channels, int height, int width, ConvolutionLayer.Builder layer) {
        return of(channels, height, width).layer(layer.build());
    }

    private static TestGraph convolved() {
        return of(3, 9, 11).convolution(20, 3, 1, Activation.IDENTITY);
    }

    private static TestGraph pooled(org.deeplearning4j.nn.conf.layers.SubsamplingLayer.Builder pooling) {
        // negative values: a maximum over padding must not be zero
        return of(3, 9, 12).convolution(20, 3, 1, Activation.IDENTITY).layer(pooling.build());
    }

    private static ConvolutionLayer.Builder truncated(int kernel, int stride, int padding) {
        return TestGraph.convolution(18, kernel, stride)
                .convolutionMode(ConvolutionMode.Truncate)
                .padding(padding, padding)
                .activation(Activation.RELU);
    }

    private static ConvolutionLayer.Builder strict() {
        return TestGraph.convolution(16, 3, 2)
                .convolutionMode(ConvolutionMode.Strict)
                .activation(Activation.RELU);
    }

    private static ConvolutionLayer.Builder withoutBias() {
        return TestGraph.convolution(16, 3, 1).hasBias(false).activation(Activation.RELU);
    }

    private static ConvolutionLayer.Builder dilated(ConvolutionMode mode) {
        return new ConvolutionLayer.Builder(3, 3)
                .dilation(2, 3)
                .nOut(32)
                .convolutionMode(mode)
                .activation(Activation.RELU);
    }

    private static ConvolutionLayer.Builder notSquare() {
        return new ConvolutionLayer.Builder(3, 5)
                .stride(2, 1)
                .padding(0, 2)
                .nOut(8)
                .convolutionMode(ConvolutionMode.Truncate)
                .activation(Activation.RELU);
    }

    private static ActivationLayer activation(Activation function) {
        return new ActivationLayer(function);
    }

    private static TestGraph ofTwo(ElementWiseVertex.Op operation) {
        TestGraph graph = of(3, 8, 8).convolution(6, 3, 1, Activation.TANH);
        String first = graph.last();
        graph.convolution(6, 3, 1, Activation.RELU);
        return graph.vertex(new ElementWiseVertex(operation), first, graph.last());
    }

    private static ElementWiseVertex sum() {
        return new ElementWiseVertex(ElementWiseVertex.Op.Add);
    }

    /** Convolution, normalization and relu three times around a shortcut, as in ResNet. */
    private static TestGraph residual(boolean projected, boolean relu) {
        TestGraph graph = of(3, 10, 10).convolution(32, 3, 1, Activation.RELU);
        String start = graph.last();
        graph.convolution(16, 1, 1, Activation.IDENTITY)
                .layer(new BatchNormalization())
                .layer(activation(Activation.RELU))
                .convolution(32, 3, 1, Activation.IDENTITY)
                .layer(new BatchNormalization());
        String end = graph.last();
        String shortcut = start;
        if (projected) {
            shortcut = graph.from(start)
                    .convolution(32, 1, 1, Activation.IDENTITY)
                    .layer(new BatchNormalization())
                    .last();
        }
        graph.vertex(sum(), end, shortcut);
        return relu ? graph.layer(activation(Activation.RELU)) : graph;
    }

    private static TestGraph ofInput() {
        TestGraph graph = of(16, 8, 8).convolution(16, 3, 1, Activation.IDENTITY);
        return graph.vertex(sum(), "input", graph.last());
    }

    private static TestGraph sumWithOwnInput() {
        TestGraph graph = of(3, 8, 8).convolution(32, 3, 1, Activation.RELU);
        String start = graph.last();
        graph.convolution(32, 3, 1, Activation.IDENTITY);
        return graph.vertex(sum(), start, graph.last()).layer(activation(Activation.RELU));
    }

    private static TestGraph readTwice() {
        TestGraph graph = residual(false, true);
        String start = graph.last();
        String left = graph.convolution(32, 3, 1, Activation.IDENTITY).last();
        String sum = graph.vertex(sum(), start, left).last();
        String right =
                graph.from(sum).convolution(32, 1, 1, Activation.IDENTITY).last();
        return graph.vertex(sum(), sum, right, start);
    }

    private static TestGraph sumOfPoolings() {
        TestGraph graph = of(3, 9, 9).convolution(20, 3, 1, Activation.IDENTITY);
        String start = graph.last();
        String left = graph.layer(TestGraph.maximum(2, 2).build()).last();
        String right = graph.from(start).layer(TestGraph.mean(2, 2).build()).last();
        return graph.vertex(sum(), left, right).layer(activation(Activation.RELU));
    }

    private static TestGraph twice() {
        TestGraph graph = of(3, 9, 9).convolution(20, 3, 1, Activation.IDENTITY);
        return graph.vertex(sum(), graph.last(), graph.last());
    }
}
