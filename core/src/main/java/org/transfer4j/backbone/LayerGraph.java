package org.transfer4j.backbone;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.transfer4j.head.Head;

/**
 * A topology in the making, in the terms in which the papers describe networks. Every method adds a layer, takes the
 * names of what is below it and returns its own.
 *
 * <p>Zero padding is no layer of its own, as it is in Keras: it is part of the convolution or pooling above it, which
 * computes the same.
 */
final class LayerGraph {
    /** The name of the images. */
    static final String INPUT = "input_1";

    /** What ImageNet's networks were trained on. */
    private static final int SIDE = 224;

    private final ComputationGraphConfiguration.GraphBuilder graph;
    private final int height;
    private final int width;
    private final double epsilon;
    private final double momentum;
    private final Set<String> ends = new LinkedHashSet<>();

    /**
     * Starts a graph on images.
     *
     * @param epsilon what batch normalization adds to the variance
     * @param momentum how much of its running mean and variance batch normalization keeps in each step of training
     */
    private LayerGraph(int height, int width, double epsilon, double momentum) {
        this.height = height;
        this.width = width;
        this.epsilon = epsilon;
        this.momentum = momentum;
        this.graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.RELU_UNIFORM)
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs(INPUT)
                .setInputTypes(InputType.convolutional(height, width, 3));
    }

    /**
     * Describes a network for images of 224x224, and of any size from 32x32, whose features are averaged over the image
     * before the head, as they were when the network was trained.
     *
     * @param epsilon what batch normalization adds to the variance
     * @param momentum how much of its running mean and variance batch normalization keeps in each step of training
     * @param body adds the layers and returns the last one's name
     */
    static Backbone.Builder describe(String name, double epsilon, double momentum, Function<LayerGraph, String> body) {
        LayerGraph sample = new LayerGraph(SIDE, SIDE, epsilon, momentum);
        sample.end(body.apply(sample));
        return Backbone.builder(name, (height, width) -> {
                    LayerGraph graph = new LayerGraph(height, width, epsilon, momentum);
                    return graph.build(body.apply(graph));
                })
                .inputSize(SIDE, SIDE)
                .minimumSize(32)
                .defaultHead(Head.globalAveragePooling())
                .cutPoints(List.copyOf(sample.ends));
    }

    /** The images' height. */
    int height() {
        return height;
    }

    /** The images' width. */
    int width() {
        return width;
    }

    /** Notes that a block ends here, and gives the name back. */
    String end(String layer) {
        ends.add(layer);
        return layer;
    }

    /** A convolution without bias. */
    String convolution(String name, String input, int filters, Window window) {
        return convolution(name, input, filters, window, false, Activation.IDENTITY);
    }

    String biasedConvolution(String name, String input, int filters, Window window, Activation activation) {
        return convolution(name, input, filters, window, true, activation);
    }

    private String convolution(
            String name, String input, int filters, Window window, boolean bias, Activation activation) {
        graph.addLayer(
                name,
                new ConvolutionLayer.Builder(window.extent())
                        .stride(window.strides())
                        .padding(window.padding())
                        .convolutionMode(window.mode())
                        .nOut(filters)
                        .hasBias(bias)
                        .activation(activation)
                        .build(),
                input);
        return name;
    }

    /** One filter a channel, without bias. */
    String depthwiseConvolution(String name, String input, Window window) {
        graph.addLayer(
                name,
                new DepthwiseConvolution2D.Builder(window.extent())
                        .stride(window.strides())
                        .padding(window.padding())
                        .convolutionMode(window.mode())
                        .depthMultiplier(1)
                        .hasBias(false)
                        .build(),
                input);
        return name;
    }

    String normalization(String name, String input) {
        // the variance itself, as weights files have it, not the logarithm that DL4J prefers
        graph.addLayer(
                name,
                new BatchNormalization.Builder()
                        .eps(epsilon)
                        .decay(momentum)
                        .useLogStd(false)
                        .build(),
                input);
        return name;
    }

    String activation(String name, String input, Activation activation) {
        graph.addLayer(name, new ActivationLayer(activation), input);
        return name;
    }

    String maxPooling(String name, String input, Window window) {
        return pooling(name, input, window, SubsamplingLayer.PoolingType.MAX);
    }

    String averagePooling(String name, String input, Window window) {
        return pooling(name, input, window, SubsamplingLayer.PoolingType.AVG);
    }

    private String pooling(String name, String input, Window window, SubsamplingLayer.PoolingType type) {
        graph.addLayer(
                name,
                new SubsamplingLayer.Builder(type)
                        .kernelSize(window.extent())
                        .stride(window.strides())
                        .padding(window.padding())
                        .convolutionMode(window.mode())
                        .build(),
                input);
        return name;
    }

    /** Each channel's average: images of one pixel. */
    String globalAveragePooling(String name, String input) {
        graph.addLayer(
                name,
                new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .collapseDimensions(false)
                        .build(),
                input);
        return name;
    }

    /** Images of one pixel, repeated to images of that size. */
    String repeat(String name, String input, int height, int width) {
        graph.addLayer(
                name, new Upsampling2D.Builder().size(new int[] {height, width}).build(), input);
        return name;
    }

    String sum(String name, String left, String right) {
        graph.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), left, right);
        return name;
    }

    String product(String name, String left, String right) {
        graph.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Product), left, right);
        return name;
    }

    /** The channels of one after those of the other. */
    String concatenation(String name, String left, String right) {
        graph.addVertex(name, new MergeVertex(), left, right);
        return name;
    }

    private ComputationGraphConfiguration build(String output) {
        return graph.setOutputs(output).validateOutputLayerConfig(false).build();
    }

    /**
     * The window of a convolution or pooling, a square.
     *
     * @param size its side
     * @param stride how far it moves
     * @param margin how many pixels of padding there are on each side; not used where the mode works it out
     * @param mode how padding is worked out
     */
    record Window(int size, int stride, int margin, ConvolutionMode mode) {
        /** No padding. */
        static Window valid(int size, int stride) {
            return new Window(size, stride, 0, ConvolutionMode.Truncate);
        }

        /** Half of the window as padding on every side, as PyTorch and Caffe have it. */
        static Window centred(int size, int stride) {
            return new Window(size, stride, size / 2, ConvolutionMode.Truncate);
        }

        /**
         * As TensorFlow pads: ceil(length / stride) outputs, and where padding can't be halved, the odd pixel goes to
         * the bottom and to the right.
         */
        static Window same(int size, int stride) {
            return new Window(size, stride, 0, ConvolutionMode.Same);
        }

        int[] extent() {
            return new int[] {size, size};
        }

        int[] strides() {
            return new int[] {stride, stride};
        }

        int[] padding() {
            return new int[] {margin, margin};
        }
    }
}
