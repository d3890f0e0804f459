package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.UnsupportedGraphException;

/** What is not compiled is refused with the name of the layer, so that the caller can fall back and say why. */
class UnsupportedGraphTest {
    @ParameterizedTest
    @MethodSource
    void refusals(TestGraph graph, String message) {
        assertThatThrownBy(() -> TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessageContaining(message);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        convolved()
                                .layer(new Deconvolution2D.Builder(2, 2).nOut(4).build()),
                        "layer 'layer2' (Deconvolution2D): this kind of layer is not compiled"),
                Arguments.of(
                        convolved().layer(new DenseLayer.Builder().nOut(4).build()),
                        "layer 'layer2' (Dense): this kind of layer is not compiled"),
                Arguments.of(
                        of().convolution(4, 3, 1, Activation.THRESHOLDEDRELU),
                        "layer 'layer1' (Conv2D): activation thresholded_relu"),
                Arguments.of(
                        of().layer(TestGraph.convolution(4, 3, 1)
                                .activation(new ActivationReLU(3.0, 0.5, 0.0))
                                .build()),
                        "layer 'layer1' (Conv2D): activation relu"),
                Arguments.of(
                        convolved().layer(pooling(SubsamplingLayer.PoolingType.SUM)),
                        "layer 'layer2' (Pooling2D): pooling type SUM"),
                Arguments.of(
                        convolved().layer(new GlobalPoolingLayer(PoolingType.SUM)),
                        "layer 'layer2' (GlobalPooling): pooling type SUM"),
                Arguments.of(
                        convolved().flatten(4, 8, 8).layer(new ActivationLayer(new ActivationReLU(1.0, 0.0, 0.5))),
                        "layer 'layer3' (Activation): activation relu"),
                Arguments.of(
                        TestGraph.of(DataType.DOUBLE, 3, 8, 8).convolution(4, 3, 1, Activation.RELU),
                        "parameter W is DOUBLE, not FLOAT"));
    }

    @Test
    void severalInputsAreRefused() {
        TestGraph graph = of().secondInput("another");
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), "another", "input");

        assertThatThrownBy(() -> TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one input and one output");
    }

    @Test
    void channelsLastIsRefused() {
        TestGraph graph = of().layer(TestGraph.convolution(4, 3, 1)
                .dataFormat(CNN2DFormat.NHWC)
                .build());
        graph.inputType(InputType.convolutional(8, 8, 3, CNN2DFormat.NHWC));

        assertThatThrownBy(() -> TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("images are [N, C, H, W], got the format NHWC");
    }

    @Test
    void anImageThatDoesNotFitIsRefused() {
        TestGraph graph = TestGraph.vgg(8, 32);
        ComputationGraph built = graph.build();

        assertThatThrownBy(() -> TestGraph.compile(built, new long[] {3, 16, 16}, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the window must fit into the image");
        assertThatThrownBy(() -> TestGraph.compile(built, new long[] {1, 32, 32}, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nIn must be what comes in, 1 of");
    }

    @Test
    void paddingAsLargeAsTheKernelIsRefused() {
        TestGraph graph = convolved()
                .layer(TestGraph.maximum(2, 2)
                        .padding(2, 2)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build());

        assertThatThrownBy(() -> TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("padding must be 0 or more and smaller than the window");
    }

    @Test
    void aGraphWithoutWeightsIsMisuse() {
        ComputationGraph bare = new ComputationGraph(convolved().build().getConfiguration());

        assertThatThrownBy(() -> TestGraph.compile(bare, new long[] {3, 8, 8}, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("init()");
    }

    private static TestGraph of() {
        return TestGraph.of(3, 8, 8);
    }

    private static TestGraph convolved() {
        return of().convolution(4, 3, 1, Activation.RELU);
    }

    private static SubsamplingLayer pooling(SubsamplingLayer.PoolingType type) {
        return new SubsamplingLayer.Builder(type, new int[] {2, 2}, new int[] {2, 2}).build();
    }
}
