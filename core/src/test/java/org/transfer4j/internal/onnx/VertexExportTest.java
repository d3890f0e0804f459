package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.OnnxModel;

/** ONNX Runtime computes of networks with branches what DL4J does. */
class VertexExportTest {
    private static final int HEIGHT = 9;
    private static final int WIDTH = 7;

    @ParameterizedTest
    @EnumSource(ElementWiseVertex.Op.class)
    void elementWise(ElementWiseVertex.Op operation) throws Exception {
        assertSame(branches().addVertex("joined", new ElementWiseVertex(operation), "left", "right"), "joined");
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementWiseVertex.Op.class,
            names = {"Add", "Average", "Product", "Max"})
    void elementWiseOfThree(ElementWiseVertex.Op operation) throws Exception {
        assertSame(branches().addVertex("joined", new ElementWiseVertex(operation), "left", "right", "stem"), "joined");
    }

    @ParameterizedTest
    @MethodSource
    void ofOneInput(GraphVertex vertex) throws Exception {
        assertSame(branches().addVertex("changed", vertex, "left"), "changed");
    }

    static Stream<GraphVertex> ofOneInput() {
        return Stream.of(
                new ElementWiseVertex(ElementWiseVertex.Op.Average),
                new ScaleVertex(-0.3),
                new ShiftVertex(1.7),
                new SubsetVertex(1, 3),
                new L2NormalizeVertex(),
                new FrozenVertex(new ScaleVertex(2)),
                new PreprocessorVertex(new CnnToFeedForwardPreProcessor(HEIGHT, WIDTH, 6)),
                new PreprocessorVertex(new ComposableInputPreProcessor(
                        new CnnToFeedForwardPreProcessor(HEIGHT, WIDTH, 6),
                        new FeedForwardToCnnPreProcessor(WIDTH, 6, HEIGHT))));
    }

    @ParameterizedTest
    @MethodSource
    void ofAVector(GraphVertex vertex) throws Exception {
        assertSame(
                branches()
                        .addLayer("pooled", new GlobalPoolingLayer(PoolingType.AVG), "left")
                        .addVertex("changed", vertex, "pooled"),
                "changed");
    }

    static Stream<GraphVertex> ofAVector() {
        return Stream.of(new SubsetVertex(2, 4), new L2NormalizeVertex(), new ScaleVertex(3));
    }

    /** As in DenseNet and Inception. */
    @Test
    void channelsBesideEachOther() throws Exception {
        assertSame(
                branches()
                        .addVertex("joined", new MergeVertex(), "stem", "left", "right")
                        .addLayer("normalized", new BatchNormalization(), "joined")
                        .addLayer("convolved", convolution(4), "normalized"),
                "convolved");
    }

    @Test
    void vectorsOneAfterTheOther() throws Exception {
        assertSame(
                branches()
                        .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "left")
                        .addLayer("maximum", new GlobalPoolingLayer(PoolingType.MAX), "right")
                        .addVertex("joined", new MergeVertex(), "mean", "maximum")
                        .addLayer("normalized", new BatchNormalization(), "joined")
                        .addLayer("dense", new DenseLayer.Builder().nOut(3).build(), "normalized"),
                "dense");
    }

    /** As in ResNet: a sum, then the activation. */
    @Test
    void residualBlock() throws Exception {
        assertSame(
                branches()
                        .addLayer("left_bn", new BatchNormalization(), "left")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left_bn", "stem")
                        .addLayer("relu", new ActivationLayer(Activation.RELU), "sum"),
                "relu");
    }

    /** As in EfficientNet. DL4J computes it, but can't derive its shapes: it is built without them. */
    @Test
    void squeezeAndExcite() throws Exception {
        GraphBuilder graph = Networks.graph()
                .addLayer("stem", sized(convolution(6), 3), "input")
                .addLayer(
                        "squeezed",
                        new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                .collapseDimensions(false)
                                .build(),
                        "stem")
                .addLayer("reduced", sized(pointwise(2, Activation.SWISH), 6), "squeezed")
                .addLayer("expanded", sized(pointwise(6, Activation.SIGMOID), 2), "reduced")
                .addVertex("excited", new ElementWiseVertex(ElementWiseVertex.Op.Product), "stem", "expanded")
                .addLayer("convolved", sized(convolution(4), 6), "excited")
                .setOutputs("convolved");

        OnnxParity.assertSame(Networks.initialized(graph.build()), HEIGHT, WIDTH);
    }

    /** The same as it is built here, with one pixel repeated to the size of the image. */
    @Test
    void squeezeAndExciteOfOneSize() throws Exception {
        assertSame(
                Networks.graph()
                        .addLayer("stem", convolution(6), "input")
                        .addLayer(
                                "squeezed",
                                new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                        .collapseDimensions(false)
                                        .build(),
                                "stem")
                        .addLayer("gate", pointwise(6, Activation.SIGMOID), "squeezed")
                        .addLayer(
                                "spread",
                                new Upsampling2D.Builder()
                                        .size(new int[] {HEIGHT, WIDTH})
                                        .build(),
                                "gate")
                        .addVertex("excited", new ElementWiseVertex(ElementWiseVertex.Op.Product), "stem", "spread"),
                "excited");
    }

    /** The same with dense layers, and a flat vector that becomes an image again. */
    @Test
    void squeezeAndExciteOfDenseLayers() throws Exception {
        DenseLayer reduced = new DenseLayer.Builder()
                .nIn(6)
                .nOut(2)
                .activation(Activation.RELU)
                .build();
        DenseLayer expanded = new DenseLayer.Builder()
                .nIn(2)
                .nOut(6)
                .activation(Activation.SIGMOID)
                .build();
        GraphBuilder graph = Networks.graph()
                .addLayer("stem", sized(convolution(6), 3), "input")
                .addLayer("squeezed", new GlobalPoolingLayer(PoolingType.AVG), "stem")
                .addLayer("reduced", reduced, "squeezed")
                .addLayer("expanded", expanded, "reduced")
                .addVertex("image", new PreprocessorVertex(new FeedForwardToCnnPreProcessor(1, 1, 6)), "expanded")
                .addVertex("excited", new ElementWiseVertex(ElementWiseVertex.Op.Product), "image", "stem")
                .setOutputs("excited");

        OnnxParity.assertSame(Networks.initialized(graph.build()), HEIGHT, WIDTH);
    }

    /** Layers may have any names, also those that are given to other things. */
    @Test
    void namesThatAreTaken() throws Exception {
        assertSame(
                Networks.graph()
                        .addLayer("images", convolution(4), "input")
                        .addLayer("images/Conv", convolution(4), "images")
                        .addLayer("images/Conv/W", convolution(4), "images/Conv")
                        .addLayer("images/Conv/W_1", convolution(4), "images/Conv/W")
                        .addLayer("probabilities", convolution(4), "images/Conv/W_1")
                        .addVertex(
                                "output", new ElementWiseVertex(ElementWiseVertex.Op.Add), "images", "probabilities"),
                "output");
    }

    @Test
    void outputThatIsReadWithin() throws Exception {
        assertSame(
                branches()
                        .addLayer("unused", convolution(2), "right")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "stem"),
                "left");
    }

    @Test
    void networksDeeperThanTheStack() throws Exception {
        GraphBuilder graph = Networks.graph();
        String last = "input";
        for (int i = 1; i <= 3_000; i++) {
            String name = "shift" + i;
            graph.addVertex(name, new ShiftVertex(1), last);
            last = name;
        }
        OnnxExport.Contents contents = new OnnxExport.Contents(
                "1.2.3",
                "deep",
                Dl4jGraphs.network(graph.setOutputs(last).build(), 3, HEIGHT, WIDTH),
                Map.of(),
                ImagePreprocessing.none(),
                true,
                List.of("a"),
                Opset.DEFAULT,
                1,
                Map.of(),
                false);
        INDArray images = Networks.images(1, HEIGHT, WIDTH);

        try (OnnxModel model = OnnxModel.of(OnnxParity.bytes(contents))) {
            assertThat(model.run(images).sub(images).sub(3_000).amaxNumber().doubleValue())
                    .isLessThan(1);
        }
    }

    @Test
    void wholeClassifier() throws Exception {
        assertSame(
                branches()
                        .addVertex("joined", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                        .addLayer(
                                "predictions",
                                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                        .nOut(5)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "joined"),
                "predictions");
    }

    @ParameterizedTest
    @MethodSource
    void refused(String message, GraphVertex vertex) {
        ComputationGraph network = network(branches().addVertex("odd", vertex, "left"), "odd");

        assertThatThrownBy(() -> OnnxParity.bytes(network, HEIGHT, WIDTH))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("the network can't be exported to ONNX: layer \"odd\" (")
                .hasMessageContaining(message);
    }

    static Stream<Arguments> refused() {
        return Stream.of(Arguments.of("(PoolHelper) is of a kind that is not known here", new PoolHelperVertex()));
    }

    /** A stem, and two convolutions on it. */
    private static GraphBuilder branches() {
        return Networks.graph()
                .addLayer("stem", convolution(6), "input")
                .addLayer("left", convolution(6), "stem")
                .addLayer("right", convolution(6), "stem");
    }

    private static ConvolutionLayer convolution(int channels) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(channels)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.TANH)
                .build();
    }

    private static ConvolutionLayer pointwise(int channels, Activation activation) {
        return new ConvolutionLayer.Builder(1, 1)
                .nOut(channels)
                .activation(activation)
                .build();
    }

    private static ConvolutionLayer sized(ConvolutionLayer layer, int channels) {
        layer.setNIn(channels);
        return layer;
    }

    private static void assertSame(GraphBuilder graph, String output) throws Exception {
        OnnxParity.assertSame(network(graph, output), HEIGHT, WIDTH);
    }

    private static ComputationGraph network(GraphBuilder graph, String output) {
        return Networks.initialized(graph.setOutputs(output)
                .setInputTypes(InputType.convolutional(HEIGHT, WIDTH, 3))
                .build());
    }
}
