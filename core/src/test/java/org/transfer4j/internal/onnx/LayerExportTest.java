package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** ONNX Runtime computes of every kind of layer what DL4J does, or its export is refused by name. */
class LayerExportTest {
    private static final int HEIGHT = 13;
    private static final int WIDTH = 10;

    @ParameterizedTest
    @MethodSource
    void convolutions(Layer layer) throws Exception {
        OnnxParity.assertSame(Networks.layers(HEIGHT, WIDTH, layer), HEIGHT, WIDTH);
    }

    static Stream<Arguments> convolutions() {
        return Stream.of(
                named("same", convolution(3).convolutionMode(ConvolutionMode.Same)),
                named("same, stride 2", convolution(3).stride(2, 2).convolutionMode(ConvolutionMode.Same)),
                named("same, even kernel", convolution(4).convolutionMode(ConvolutionMode.Same)),
                named("same, 1x1, stride 2", convolution(1).stride(2, 2).convolutionMode(ConvolutionMode.Same)),
                named("same, dilated", convolution(3).dilation(2, 3).convolutionMode(ConvolutionMode.Same)),
                named("truncate", convolution(3).convolutionMode(ConvolutionMode.Truncate)),
                named("truncate, leaves rows out", convolution(3).stride(3, 2).padding(1, 2)),
                named("truncate, dilated", convolution(3).dilation(2, 2).padding(2, 0)),
                named("strict", convolution(3).stride(2, 1).padding(1, 1).convolutionMode(ConvolutionMode.Strict)),
                named("no bias", convolution(3).hasBias(false)),
                named(
                        "kernel of two sides",
                        new ConvolutionLayer.Builder(3, 2).nOut(4).stride(1, 2)),
                named("depthwise", depthwise(1).convolutionMode(ConvolutionMode.Same)),
                named("depthwise, stride 2", depthwise(1).stride(2, 2).convolutionMode(ConvolutionMode.Same)),
                named("depthwise, multiplied", depthwise(3).padding(1, 1).stride(2, 1)),
                named("depthwise, dilated", depthwise(2).dilation(2, 2).convolutionMode(ConvolutionMode.Same)),
                named("depthwise, no bias", depthwise(2).hasBias(false)),
                named("separable", separable(1).convolutionMode(ConvolutionMode.Same)),
                named("separable, multiplied", separable(3).stride(2, 2).convolutionMode(ConvolutionMode.Same)),
                named("separable, no bias", separable(2).padding(1, 0).hasBias(false)));
    }

    @ParameterizedTest
    @MethodSource
    void poolings(Layer layer) throws Exception {
        OnnxParity.assertSame(Networks.layers(HEIGHT, WIDTH, layer), HEIGHT, WIDTH);
    }

    static Stream<Arguments> poolings() {
        return Stream.of(
                named("maximum", pooling(PoolingType.MAX, 2, 2)),
                named("maximum, same", pooling(PoolingType.MAX, 3, 2).convolutionMode(ConvolutionMode.Same)),
                named("maximum, padded", pooling(PoolingType.MAX, 3, 2).padding(1, 1)),
                named("maximum, dilated", pooling(PoolingType.MAX, 2, 1).dilation(2, 2)),
                named("maximum, strict", pooling(PoolingType.MAX, 3, 1).convolutionMode(ConvolutionMode.Strict)),
                named("mean", pooling(PoolingType.AVG, 2, 2)),
                named("mean, same", pooling(PoolingType.AVG, 3, 2).convolutionMode(ConvolutionMode.Same)),
                named("mean, padded", pooling(PoolingType.AVG, 3, 2).padding(1, 1)),
                named(
                        "mean, padding counted",
                        pooling(PoolingType.AVG, 3, 2).padding(1, 1).avgPoolIncludePadInDivisor(true)),
                named(
                        "mean, same, padding counted",
                        pooling(PoolingType.AVG, 3, 2)
                                .convolutionMode(ConvolutionMode.Same)
                                .avgPoolIncludePadInDivisor(true)),
                named("global mean", new GlobalPoolingLayer.Builder(PoolingType.AVG)),
                named("global maximum", new GlobalPoolingLayer.Builder(PoolingType.MAX)),
                named(
                        "global mean as an image",
                        new GlobalPoolingLayer.Builder(PoolingType.AVG).collapseDimensions(false)),
                named("global mean, said", new GlobalPoolingLayer.Builder(PoolingType.AVG).poolingDimensions(2, 3)));
    }

    @ParameterizedTest
    @MethodSource
    void others(Layer layer) throws Exception {
        OnnxParity.assertSame(Networks.layers(HEIGHT, WIDTH, convolution(3).build(), layer), HEIGHT, WIDTH);
    }

    static Stream<Arguments> others() {
        return Stream.of(
                named("batch normalization", new BatchNormalization.Builder().eps(1e-3)),
                named("batch normalization, variance", new BatchNormalization.Builder().useLogStd(false)),
                named("batch normalization, logarithm", new BatchNormalization.Builder().useLogStd(true)),
                named(
                        "batch normalization, locked",
                        new BatchNormalization.Builder(true).gamma(0.7).beta(0.2)),
                named("dropout", new DropoutLayer.Builder(0.5)),
                named("upsampling", new Upsampling2D.Builder().size(new int[] {2, 3})),
                named("zero padding", new ZeroPaddingLayer.Builder(1, 2, 3, 0)),
                named("dense", new DenseLayer.Builder().nOut(7).activation(Activation.RELU)),
                named("dense, no bias", new DenseLayer.Builder().nOut(7).hasBias(false)),
                named(
                        "output",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nOut(4)
                                .activation(Activation.SOFTMAX)),
                named(
                        "output of labels",
                        new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
                                .nOut(4)
                                .activation(Activation.SIGMOID)),
                named(
                        "output, no bias",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nOut(4)
                                .hasBias(false)
                                .activation(Activation.SOFTMAX)),
                arguments("frozen", new FrozenLayer(convolution(1).build())),
                arguments(
                        "frozen with backprop",
                        new FrozenLayerWithBackprop(convolution(1).build())));
    }

    @ParameterizedTest
    @MethodSource
    void activations(IActivation function) throws Exception {
        OnnxParity.assertSame(Networks.layers(HEIGHT, WIDTH, new ActivationLayer(function)), HEIGHT, WIDTH);
        OnnxParity.assertSame(
                Networks.layers(
                        HEIGHT,
                        WIDTH,
                        new DenseLayer.Builder().nOut(5).activation(function).build()),
                HEIGHT,
                WIDTH);
        OnnxParity.assertSame(
                Networks.layers(
                        HEIGHT, WIDTH, convolution(2).activation(function).build()),
                HEIGHT,
                WIDTH);
    }

    static Stream<IActivation> activations() {
        return Stream.of(
                Activation.IDENTITY.getActivationFunction(),
                Activation.RELU.getActivationFunction(),
                new ActivationReLU(0.8, null, null),
                new ActivationReLU(0.8, 0.0, 0.1),
                Activation.RELU6.getActivationFunction(),
                new ActivationLReLU(0.3),
                new ActivationThresholdedReLU(0.4),
                new ActivationELU(0.7),
                Activation.SELU.getActivationFunction(),
                Activation.SIGMOID.getActivationFunction(),
                Activation.HARDSIGMOID.getActivationFunction(),
                Activation.TANH.getActivationFunction(),
                Activation.HARDTANH.getActivationFunction(),
                Activation.SOFTPLUS.getActivationFunction(),
                Activation.SOFTSIGN.getActivationFunction(),
                Activation.SWISH.getActivationFunction(),
                Activation.MISH.getActivationFunction(),
                Activation.SOFTMAX.getActivationFunction());
    }

    @ParameterizedTest
    @MethodSource
    void rectifiers(Layer layer) throws Exception {
        OnnxParity.assertSame(Networks.layers(HEIGHT, WIDTH, layer), HEIGHT, WIDTH);
    }

    static Stream<Arguments> rectifiers() {
        return Stream.of(
                named(
                        "slopes of channels",
                        new PReLULayer.Builder().inputShape(3, HEIGHT, WIDTH).sharedAxes(2, 3)),
                named("slopes of all", new PReLULayer.Builder().inputShape(3, HEIGHT, WIDTH)));
    }

    @ParameterizedTest
    @MethodSource
    void lossLayers(Activation activation) throws Exception {
        OnnxParity.assertSame(
                Networks.layers(
                        HEIGHT,
                        WIDTH,
                        new DenseLayer.Builder().nOut(4).build(),
                        new LossLayer.Builder(LossFunctions.LossFunction.XENT)
                                .activation(activation)
                                .build()),
                HEIGHT,
                WIDTH);
    }

    static Stream<Activation> lossLayers() {
        return Stream.of(Activation.SOFTMAX, Activation.SIGMOID);
    }

    @ParameterizedTest
    @MethodSource
    void refused(String message, Layer layer) {
        var network = Networks.layers(HEIGHT, WIDTH, layer);

        assertThatThrownBy(() -> OnnxParity.bytes(network, HEIGHT, WIDTH))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("the network can't be exported to ONNX: layer \"layer1\" (")
                .hasMessageContaining(message);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        "(LocalResponseNormalization) is of a kind that is not known here",
                        new LocalResponseNormalization()),
                // computes something else than the convolution that it extends
                Arguments.of(
                        "(Deconvolution2D) is of a kind",
                        new Deconvolution2D.Builder(3, 3).nOut(2).build()),
                Arguments.of(
                        "pooling type PNORM",
                        pooling(PoolingType.PNORM, 2, 2).pnorm(2).build()),
                Arguments.of(
                        "dilated mean",
                        pooling(PoolingType.AVG, 2, 1).dilation(2, 2).build()),
                Arguments.of("pooling type SUM", new GlobalPoolingLayer.Builder(PoolingType.SUM).build()),
                Arguments.of("threshold 0.5", new ActivationLayer(new ActivationReLU(null, 0.5, null))),
                Arguments.of("the activation cube", new ActivationLayer(Activation.CUBE)),
                Arguments.of(
                        "layer normalization",
                        new DenseLayer.Builder().nOut(2).hasLayerNorm(true).build()));
    }

    @Test
    void channelsLastIsRefused() {
        ConvolutionLayer convolution = convolution(3).build();
        convolution.setNIn(3);
        convolution.setCnn2dDataFormat(CNN2DFormat.NHWC);
        ComputationGraphConfiguration network = Networks.graph()
                .addLayer("conv", convolution, "input")
                .setOutputs("conv")
                .build();

        assertThatThrownBy(() -> OnnxParity.bytes(Networks.initialized(network), 8, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got the format NHWC");
    }

    private static ConvolutionLayer.Builder convolution(int kernel) {
        return new ConvolutionLayer.Builder(kernel, kernel).nOut(8).activation(Activation.RELU);
    }

    private static DepthwiseConvolution2D.Builder depthwise(int multiplier) {
        return new DepthwiseConvolution2D.Builder(3, 3)
                .depthMultiplier(multiplier)
                .nOut(3 * multiplier)
                .activation(Activation.RELU6);
    }

    private static SeparableConvolution2D.Builder separable(int multiplier) {
        return new SeparableConvolution2D.Builder(3, 3)
                .depthMultiplier(multiplier)
                .nOut(5)
                .activation(Activation.SWISH);
    }

    private static SubsamplingLayer.Builder pooling(PoolingType type, int kernel, int stride) {
        return new SubsamplingLayer.Builder(
                SubsamplingLayer.PoolingType.valueOf(type.name()), new int[] {kernel, kernel}, new int[] {stride, stride
                });
    }

    private static Arguments named(String name, Layer.Builder<?> layer) {
        return arguments(name, layer.build());
    }

    private static Arguments arguments(String name, Layer layer) {
        return Arguments.of(Named.of(name, layer));
    }
}
