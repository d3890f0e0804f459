package org.transfer4j.testing;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.api.buffer.DataType;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;

/** Backbones of a user's own, small enough to be trained in a moment. All take images from 8x8, by default 16x16. */
public final class TinyBackbones {
    private TinyBackbones() {}

    /**
     * Two blocks of a convolution and a pooling.
     *
     * @return layers conv1, pool1, conv2, pool2; 816 parameters; 8 channels at a quarter of the size
     */
    public static Backbone plain() {
        return named("plain", TinyBackbones::plain).build();
    }

    /**
     * The plain one, for further settings.
     *
     * @param name its name
     * @return the builder
     */
    public static Backbone.Builder plain(String name) {
        return named(name, TinyBackbones::plain);
    }

    /**
     * A stem, one residual block with batch normalisation, and a pooling.
     *
     * @return layers stem, stem_bn, block_conv, block_bn, block_add (of stem_bn and block_bn), block_relu, pool
     */
    public static Backbone residual() {
        return named(
                        "residual",
                        (height, width) -> graph(height, width)
                                .addLayer("stem", convolution(4, Activation.IDENTITY), "input")
                                .addLayer("stem_bn", new BatchNormalization(), "stem")
                                .addLayer("block_conv", convolution(4, Activation.IDENTITY), "stem_bn")
                                .addLayer("block_bn", new BatchNormalization(), "block_conv")
                                .addVertex(
                                        "block_add",
                                        new ElementWiseVertex(ElementWiseVertex.Op.Add),
                                        "stem_bn",
                                        "block_bn")
                                .addLayer("block_relu", new ActivationLayer(Activation.RELU), "block_add")
                                .addLayer("pool", pooling(), "block_relu")
                                .setOutputs("pool")
                                .build())
                .build();
    }

    /**
     * One with an activation that is not compiled for oneDNN.
     *
     * @return layers conv (thresholded ReLU), up (Upsampling2D), pool
     */
    public static Backbone upsampling() {
        return named(
                        "upsampling",
                        (height, width) -> graph(height, width)
                                .addLayer("conv", convolution(4, Activation.THRESHOLDEDRELU), "input")
                                .addLayer("up", new Upsampling2D.Builder(2).build(), "conv")
                                .addLayer("pool", pooling(), "up")
                                .setOutputs("pool")
                                .build())
                .build();
    }

    /**
     * One of which DL4J's gradients are wrong.
     *
     * @return layers conv, elu (whose alpha is 0.3), pool
     */
    public static Backbone exponential() {
        return named(
                        "exponential",
                        (height, width) -> graph(height, width)
                                .addLayer("conv", convolution(4, Activation.IDENTITY), "input")
                                .addLayer("elu", new ActivationLayer(new ActivationELU(0.3)), "conv")
                                .addLayer("pool", pooling(), "elu")
                                .setOutputs("pool")
                                .build())
                .build();
    }

    private static Backbone.Builder named(String name, Topology topology) {
        return Backbone.builder(name, topology).inputSize(16, 16).minimumSize(8);
    }

    private static ComputationGraphConfiguration plain(int height, int width) {
        return graph(height, width)
                .addLayer("conv1", convolution(8, Activation.RELU), "input")
                .addLayer("pool1", pooling(), "conv1")
                .addLayer("conv2", convolution(8, Activation.RELU), "pool1")
                .addLayer("pool2", pooling(), "conv2")
                .setOutputs("pool2")
                .build();
    }

    private static GraphBuilder graph(int height, int width) {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(height, width, 3))
                .validateOutputLayerConfig(false);
    }

    private static ConvolutionLayer convolution(int channels, Activation activation) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(channels)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation)
                .build();
    }

    private static SubsamplingLayer pooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }
}
