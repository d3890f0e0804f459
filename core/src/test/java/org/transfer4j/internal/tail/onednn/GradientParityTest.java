package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;

/** Losses, gradients and predictions are those of DL4J's own layers. */
class GradientParityTest {
    static Stream<Named<TestNetwork>> networks() {
        return Stream.of(
                Named.of("3x3, same", network(3, 9, 7).convolution(5, Activation.RELU)),
                Named.of(
                        "channels in multiples of 16",
                        network(16, 8, 8).convolution(32, Activation.RELU).convolution(16, Activation.IDENTITY)),
                Named.of(
                        "stride 2, same, even size",
                        network(3, 8, 10)
                                .add(layer(3, 8)
                                        .stride(2, 2)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .build())
                                .convolution(6, Activation.RELU)),
                Named.of(
                        "stride 2, truncated",
                        network(3, 10, 9)
                                .add(layer(3, 8)
                                        .stride(2, 2)
                                        .padding(1, 1)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .build())),
                Named.of(
                        "stride 2x1, padding 2x0, kernel 5x3",
                        network(4, 11, 9)
                                .convolution(4, Activation.RELU)
                                .add(new ConvolutionLayer.Builder(5, 3)
                                        .nOut(7)
                                        .stride(2, 1)
                                        .padding(2, 0)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .activation(Activation.RELU)
                                        .build())),
                Named.of(
                        "dilation 2",
                        network(5, 12, 12)
                                .convolution(17, Activation.RELU)
                                .add(layer(3, 6)
                                        .dilation(2, 2)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .build())),
                Named.of(
                        "dilation 2, same",
                        network(5, 9, 9)
                                .convolution(17, Activation.RELU)
                                .add(layer(3, 6)
                                        .dilation(2, 2)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .build())),
                Named.of(
                        "1x1",
                        network(3, 6, 6)
                                .convolution(20, Activation.RELU)
                                .add(layer(1, 11)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .build())),
                Named.of(
                        "without bias",
                        network(3, 6, 6)
                                .add(layer(3, 9)
                                        .hasBias(false)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .build())
                                .convolution(4, Activation.RELU)),
                Named.of(
                        "maximum",
                        network(3, 8, 8)
                                .convolution(16, Activation.RELU)
                                .pooling(PoolingType.MAX)
                                .convolution(5, Activation.RELU)
                                .pooling(PoolingType.MAX)),
                Named.of(
                        "mean, then global",
                        network(3, 8, 8)
                                .convolution(6, Activation.RELU)
                                .pooling(PoolingType.AVG)
                                .convolution(16, Activation.RELU)
                                .add(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())),
                Named.of(
                        "overlapping maximum, same",
                        network(3, 7, 7)
                                .convolution(6, Activation.RELU)
                                .add(new SubsamplingLayer.Builder(PoolingType.MAX)
                                        .kernelSize(3, 3)
                                        .stride(2, 2)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .build())),
                Named.of(
                        "normalization",
                        network(3, 6, 6)
                                .convolutionWithoutBias(16)
                                .normalization()
                                .rectification()
                                .convolutionWithoutBias(5)
                                .add(new BatchNormalization.Builder()
                                        .useLogStd(false)
                                        .decay(0.8)
                                        .build())),
                Named.of(
                        "activation of its own",
                        network(3, 6, 6)
                                .convolution(6, Activation.RELU)
                                .pooling(PoolingType.AVG)
                                .rectification()
                                .convolution(6, Activation.IDENTITY)
                                .rectification()),
                Named.of(
                        "residual",
                        network(3, 6, 6)
                                .convolution(16, Activation.RELU)
                                .convolutionWithoutBias(16)
                                .normalization()
                                .residual("layer1")
                                .rectification()
                                .convolution(16, Activation.RELU)
                                .residual("layer5")),
                Named.of(
                        "depthwise",
                        network(3, 9, 8)
                                .convolution(16, Activation.RELU)
                                .add(depthwise(3, 1, 1).hasBias(true).build())
                                .convolution(6, Activation.RELU)),
                Named.of(
                        "depthwise, stride 2, channels that fill no block",
                        network(3, 9, 8)
                                .convolution(7, Activation.RELU)
                                .add(depthwise(5, 2, 1).build())
                                .convolution(6, Activation.RELU)),
                Named.of(
                        "two outputs for each input",
                        network(3, 8, 8)
                                .convolution(5, Activation.RELU)
                                .add(depthwise(3, 1, 2).build())
                                .convolution(6, Activation.RELU)),
                Named.of(
                        "ReLU6",
                        network(3, 8, 8)
                                .convolution(16, Activation.IDENTITY)
                                .add(new ActivationLayer(Activation.RELU6))
                                .convolution(6, Activation.RELU)),
                Named.of(
                        "inverted residual",
                        network(3, 10, 10)
                                .convolution(8, Activation.RELU)
                                .convolutionWithoutBias(32)
                                .normalization()
                                .add(new ActivationLayer(Activation.RELU6))
                                .add(depthwise(3, 1, 1)
                                        .hasBias(false)
                                        .activation(Activation.IDENTITY)
                                        .build())
                                .add(new ActivationLayer(Activation.RELU6))
                                .convolutionWithoutBias(8)
                                .normalization()
                                .residual("layer1")),
                Named.of(
                        "swish",
                        network(3, 8, 8)
                                .convolution(16, Activation.SWISH)
                                .convolutionWithoutBias(5)
                                .normalization()
                                .add(new ActivationLayer(Activation.SWISH))
                                .convolution(6, Activation.RELU)),
                Named.of(
                        "sigmoid, tanh, ELU and a slope",
                        network(3, 8, 8)
                                .convolution(5, Activation.SIGMOID)
                                .convolution(16, Activation.TANH)
                                .convolution(6, Activation.ELU)
                                .convolution(6, Activation.LEAKYRELU)),
                Named.of(
                        "padding of a convolution",
                        network(3, 9, 8)
                                .convolution(16, Activation.SWISH)
                                .add(new ZeroPaddingLayer(2, 1, 0, 3))
                                .add(layer(3, 6)
                                        .stride(2, 2)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .build())),
                Named.of(
                        "padding of a maximum and of a mean",
                        network(3, 9, 8)
                                .convolution(6, Activation.RELU)
                                .add(new ZeroPaddingLayer(1, 1))
                                .add(new SubsamplingLayer.Builder(PoolingType.MAX)
                                        .kernelSize(3, 3)
                                        .stride(2, 2)
                                        .build())
                                .convolution(6, Activation.TANH)
                                .add(new ZeroPaddingLayer(0, 1, 1, 0))
                                .pooling(PoolingType.AVG)),
                Named.of("squeeze and excitation", squeezeAndExcite(16).convolution(5, Activation.RELU)),
                Named.of(
                        "squeeze and excitation, channels that fill no block",
                        squeezeAndExcite(7).convolution(5, Activation.RELU)),
                Named.of(
                        "product of two images",
                        network(3, 6, 6)
                                .convolution(16, Activation.SWISH)
                                .convolution(16, Activation.SIGMOID)
                                .vertex(new ElementWiseVertex(ElementWiseVertex.Op.Product), "layer1", "layer2")
                                .convolution(4, Activation.RELU)),
                Named.of("merged channels", merged(16, 32)),
                Named.of("merged channels that fill no block", merged(16, 5)),
                Named.of("merged channels that end in a block", merged(5, 16)));
    }

    /** As in EfficientNet. */
    static TestNetwork squeezeAndExcite(int channels) {
        return network(3, 6, 5)
                .convolution(channels, Activation.SWISH)
                .add(new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .collapseDimensions(false)
                        .build())
                .add(new ConvolutionLayer.Builder(1, 1)
                        .nOut(4)
                        .activation(Activation.SWISH)
                        .build())
                .add(new ConvolutionLayer.Builder(1, 1)
                        .nOut(channels)
                        .activation(Activation.SIGMOID)
                        .build())
                .add(new Upsampling2D.Builder().size(new int[] {6, 5}).build())
                .vertex(new ElementWiseVertex(ElementWiseVertex.Op.Product), "layer1", "layer5");
    }

    /** As in DenseNet. */
    private static TestNetwork merged(int first, int second) {
        return network(3, 6, 6)
                .convolution(first, Activation.RELU)
                .convolution(second, Activation.IDENTITY)
                .vertex(new MergeVertex(), "layer1", "layer2")
                .normalization()
                .rectification()
                .convolution(8, Activation.IDENTITY)
                .vertex(new MergeVertex(), "layer3", "layer6")
                .convolution(4, Activation.RELU);
    }

    private static DepthwiseConvolution2D.Builder depthwise(int kernel, int stride, int multiplier) {
        return new DepthwiseConvolution2D.Builder()
                .kernelSize(kernel, kernel)
                .stride(stride, stride)
                .depthMultiplier(multiplier)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.RELU);
    }

    private static TestNetwork network(int channels, int height, int width) {
        return TestNetwork.of(channels, height, width);
    }

    private static ConvolutionLayer.Builder layer(int kernel, int outputs) {
        return new ConvolutionLayer.Builder(kernel, kernel).nOut(outputs).activation(Activation.RELU);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void stepsAreThoseOfDl4j(TestNetwork network) {
        assertStepsAreThoseOfDl4j(network, TestNetwork.sgd());
    }

    @ParameterizedTest
    @MethodSource("networks")
    void soTheyAreWithStillNormalization(TestNetwork network) {
        TailSettings settings = TestNetwork.sgd();
        assertStepsAreThoseOfDl4j(
                network,
                new TailSettings(
                        settings.optimizer(), settings.loss(), 1, Precision.FLOAT32, Map.of(), false, List.of()));
    }

    private static void assertStepsAreThoseOfDl4j(TestNetwork network, TailSettings settings) {
        assertGradientsAreThoseOfDl4j(network, settings);
        try (GraphTail stock = network.stock(settings);
                OneDnnTail own = network.own(settings)) {
            for (int size : new int[] {3, 4, 3}) {
                assertStepIsThatOfDl4j(stock, own, network.batch(size, size), 0.05);
            }
            Map<String, float[]> after = TestHead.values(own);
            TestHead.values(stock)
                    .forEach((name, expected) -> assertThat(distance(array(expected), array(after.get(name))))
                            .as(name)
                            .isLessThan(1e-4));
            TestHead.copy(own, stock);
            try (INDArray answer = own.probabilities(network.batch(3, 9));
                    INDArray expected = stock.probabilities(network.batch(3, 9))) {
                assertThat(distance(expected, answer)).isLessThan(1e-5);
            }
        }
    }

    private static void assertGradientsAreThoseOfDl4j(TestNetwork network, TailSettings settings) {
        try (GraphTail stock = network.stock(settings);
                OneDnnTail own = network.own(settings)) {
            Map<String, float[]> before = TestHead.values(own);
            assertStepIsThatOfDl4j(stock, own, network.batch(4, 4), 1);
            Map<String, float[]> after = TestHead.values(own);
            TestHead.values(stock)
                    .forEach((name, expected) -> assertThat(distance(
                                    array(expected).sub(array(before.get(name))),
                                    array(after.get(name)).sub(array(before.get(name)))))
                            .as(name)
                            .isLessThan(1e-5));
        }
    }

    private static void assertStepIsThatOfDl4j(GraphTail stock, OneDnnTail own, Batch batch, double rate) {
        Tail.StepResult expected = stock.train(batch, rate);
        Tail.StepResult result = own.train(batch, rate);
        assertThat(result.loss()).isCloseTo(expected.loss(), within(1e-5 * Math.max(1, expected.loss())));
        assertThat(result.correct()).isEqualTo(expected.correct());
    }

    private static INDArray array(float... values) {
        return Nd4j.createFromArray(values);
    }

    /** The norm of the difference over the norm of what is expected. */
    private static double distance(INDArray expected, INDArray actual) {
        return actual.sub(expected).norm2Number().doubleValue()
                / Math.max(1e-6, expected.norm2Number().doubleValue());
    }
}
