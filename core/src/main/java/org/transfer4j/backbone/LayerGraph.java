package org.transfer4j.backbone;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;
import org.transfer4j.preprocessing.ImagePreprocessing;

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

    static final Activation RELU = Activation.of(Activation.Function.RELU);
    static final Activation RELU6 = Activation.clip(0, 6);
    static final Activation SWISH = Activation.of(Activation.Function.SWISH);
    static final Activation SIGMOID = Activation.of(Activation.Function.SIGMOID);
    static final Activation HARD_SWISH = Activation.of(Activation.Function.HARD_SWISH);

    /** {@code x / 6 + 1 / 2}, from 0 to 1. */
    static final Activation HARD_SIGMOID = new Activation(Activation.Function.HARD_SIGMOID, 1.0 / 6, 0.5);

    /** What ImageNet's networks were trained on. */
    private static final int SIDE = 224;

    private static final int CHANNELS = 3;

    private final Network.Builder network;
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
        this.epsilon = epsilon;
        this.momentum = momentum;
        this.network = new Network.Builder(INPUT, Shape.of(CHANNELS, height, width));
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
        return Backbone.builder(name, new Described((height, width) -> {
                    LayerGraph graph = new LayerGraph(height, width, epsilon, momentum);
                    return graph.network.build(body.apply(graph));
                }))
                .inputSize(SIDE, SIDE)
                .minimumSize(32)
                .defaultHead(Head.globalAveragePooling())
                .cutPoints(List.copyOf(sample.ends));
    }

    /** The same as PyTorch has it unless it is told otherwise: its batch normalization, and what it does to pixels. */
    static Backbone.Builder describeAsInTorch(String name, Function<LayerGraph, String> body) {
        return describe(name, 1e-5, 0.9, body).preprocessing(ImagePreprocessing.torch());
    }

    /** Gives the network to the library, and DL4J's configuration to those who ask for it. */
    private record Described(Network.Sized sized) implements Topology, Network.Sized {
        @Override
        public Network network(int height, int width) {
            return sized.network(height, width);
        }

        @Override
        public ComputationGraphConfiguration configure(int height, int width) {
            return Dl4jWriter.write(network(height, width), new NoOp());
        }
    }

    /** Notes that a block ends here, and gives the name back. */
    String end(String layer) {
        ends.add(layer);
        return layer;
    }

    /** A convolution without bias whose inputs and outputs are cut into groups, each output reading its own group alone. */
    String groupedConvolution(String name, String input, int filters, int groups, Sliding window) {
        return add(name, "Conv2D", convolution(input, filters, groups, window, false), input);
    }

    /** A convolution without bias. */
    String convolution(String name, String input, int filters, Sliding window) {
        return groupedConvolution(name, input, filters, 1, window);
    }

    String biasedConvolution(String name, String input, int filters, Sliding window) {
        return add(name, "Conv2D", convolution(input, filters, 1, window, true), input);
    }

    /** With a bias, and with an activation as a part of the layer. */
    String biasedConvolution(String name, String input, int filters, Sliding window, Activation activation) {
        String part = name + "/1";
        network.add(part, name, "Conv2D", convolution(input, filters, 1, window, true), List.of(input));
        return add(name, "Conv2D", new Op.Activate(activation), part);
    }

    /** One filter a channel, without bias. */
    String depthwiseConvolution(String name, String input, Sliding window) {
        int channels = channels(input);
        return add(name, "DepthwiseConvolution2D", convolution(input, channels, channels, window, false), input);
    }

    private Op convolution(String input, int filters, int groups, Sliding window, boolean biased) {
        return new Op.Convolution(channels(input), filters, groups, window(window, input), biased);
    }

    /** The number of channels that a layer gives. */
    int channels(String input) {
        return network.shape(input).channels();
    }

    private Window window(Sliding window, String input) {
        return window.over(network.shape(input).size());
    }

    String normalization(String name, String input) {
        return add(name, "BatchNormalization", new Op.Normalization(channels(input), epsilon, momentum), input);
    }

    String activation(String name, String input, Activation activation) {
        return add(name, "Activation", new Op.Activate(activation), input);
    }

    /** Everything times a learned number, and another one added. */
    String affine(String name, String input) {
        return add(name, "LearnableAffine", new Op.Affine(), input);
    }

    String maxPooling(String name, String input, Sliding window) {
        return add(name, "MaxPooling2D", new Op.Pooling(Op.Pooling.Kind.MAXIMUM, window(window, input)), input);
    }

    String averagePooling(String name, String input, Sliding window) {
        Op op = new Op.Pooling(Op.Pooling.Kind.MEAN_WITHOUT_PADDING, window(window, input));
        return add(name, "AveragePooling2D", op, input);
    }

    /** Each channel's average: images of one pixel. */
    String globalAveragePooling(String name, String input) {
        return add(name, "GlobalAveragePooling2D", new Op.GlobalPooling(false), input);
    }

    String sum(String name, String left, String right) {
        return add(name, "ElementWise", new Op.Binary(Op.Binary.Kind.SUM), left, right);
    }

    /** Number by number, an image of one pixel repeated over the other. */
    String product(String name, String left, String right) {
        return add(name, "ElementWise", new Op.Binary(Op.Binary.Kind.PRODUCT), left, right);
    }

    /** The channels of one after those of the one before. */
    String concatenation(String name, String... inputs) {
        return add(name, "Merge", new Op.Concatenation(), inputs);
    }

    private String add(String name, String kind, Op op, String... inputs) {
        network.add(name, name, kind, op, List.of(inputs));
        return name;
    }

    /** A window that knows how to pad whatever it slides over. */
    @FunctionalInterface
    interface Sliding {
        /** Of 1x1. */
        Sliding PIXEL = valid(1, 1);

        /** The window over an image. */
        Window over(Extent image);

        /** A square without padding. */
        static Sliding valid(int size, int stride) {
            return image -> Window.explicit(square(size), square(stride), Extent.ONE, square(0));
        }

        /** Half of the window as padding on every side, as PyTorch and Caffe have it. */
        static Sliding centred(int size, int stride) {
            return image -> Window.explicit(square(size), square(stride), Extent.ONE, square(size / 2));
        }

        /** As TensorFlow pads: ceil(length / stride) outputs, the odd pixel at the bottom and to the right. */
        static Sliding same(int size, int stride) {
            return image -> Window.same(square(size), square(stride), Extent.ONE, image);
        }

        private static Extent square(int side) {
            return new Extent(side, side);
        }
    }
}
