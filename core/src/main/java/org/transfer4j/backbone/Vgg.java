package org.transfer4j.backbone;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.download.Checksum;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * The VGG family: blocks of 3x3 convolutions with ReLU, in some between them batch normalization, each block ended by 2x2 max
 * pooling. Keras' and torchvision's are the same functions.
 */
final class Vgg {
    private static final int[] VGG16_CONVOLUTIONS = {2, 2, 3, 3, 3};
    private static final int[] VGG19_CONVOLUTIONS = {2, 2, 4, 4, 4};
    private static final int[] CHANNELS = {64, 128, 256, 512, 512};

    /** A small one for small images. Channels are multiples of 16, which fill the registers of AVX-512. */
    private static final int[] TINY_CHANNELS = {48, 80, 128};

    private static final int[] TINY_CONVOLUTIONS = {2, 2, 3};
    private static final int TINY_SIDE = 32;
    private static final int TINY_LEAST_SIDE = 8;
    private static final String TINY_FILE = "tinyvgg_cifar10.safetensors";

    private final int[] convolutions;
    private final int[] channels;
    private final boolean biased;
    private final boolean normalized;

    /**
     * A network.
     *
     * @param convolutions of each block
     * @param channels of each block
     * @param biased whether its convolutions have a bias
     * @param normalized whether batch normalization follows them
     */
    private Vgg(int[] convolutions, int[] channels, boolean biased, boolean normalized) {
        this.convolutions = convolutions;
        this.channels = channels;
        this.biased = biased;
        this.normalized = normalized;
    }

    static Backbone vgg16() {
        return asInKeras("vgg16", VGG16_CONVOLUTIONS, KerasApplications.VGG16);
    }

    static Backbone vgg19() {
        return asInKeras("vgg19", VGG19_CONVOLUTIONS, KerasApplications.VGG19);
    }

    private static Backbone asInKeras(String name, int[] convolutions, PretrainedWeights weights) {
        Vgg network = new Vgg(convolutions, CHANNELS, true, false);
        return LayerGraph.describe(name, 0, 0, network::body)
                .preprocessing(ImagePreprocessing.caffe())
                .defaultHead(Head.flatten())
                .pretrained(weights)
                .torchNames(network.torchNames())
                .build();
    }

    static Backbone vgg16BatchNorm() {
        Vgg network = new Vgg(VGG16_CONVOLUTIONS, CHANNELS, true, true);
        return LayerGraph.describeAsInTorch("vgg16_bn", network::body)
                .defaultHead(Head.flatten())
                .torchNames(network.torchNames())
                .licence("torchvision's weights, which are timm's, too: BSD 3-Clause licence")
                .build();
    }

    static Backbone tinyVgg() {
        return LayerGraph.describeAsInTorch("tinyvgg", new Vgg(TINY_CONVOLUTIONS, TINY_CHANNELS, false, true)::body)
                .inputSize(TINY_SIDE, TINY_SIDE)
                .minimumSize(TINY_LEAST_SIDE)
                .preprocessing(ImagePreprocessing.tf())
                .defaultHead(Head.flatten())
                .pretrained(PretrainedWeights.bundled(
                        "weights/tinyvgg/" + TINY_FILE,
                        Objects.requireNonNull(Vgg.class.getResource(TINY_FILE), TINY_FILE),
                        Checksum.sha256("f6e54ac042ce88d227839731abb65f920988b3b14f688cd986d44d5d78e2fef9"),
                        "CIFAR-10",
                        "Apache License 2.0, as the library; trained by its example PretrainTinyVgg on CIFAR-10 (A."
                                + " Krizhevsky, 2009)"))
                .build();
    }

    private String body(LayerGraph graph) {
        String last = LayerGraph.INPUT;
        for (int block = 1; block <= channels.length; block++) {
            for (int convolution = 1; convolution <= convolutions[block - 1]; convolution++) {
                String name = "block" + block + "_conv" + convolution;
                last = convolution(graph, name, last, channels[block - 1]);
            }
            last = graph.end(graph.maxPooling("block" + block + "_pool", last, Sliding.valid(2, 2)));
        }
        return last;
    }

    private String convolution(LayerGraph graph, String name, String input, int filters) {
        Sliding window = Sliding.same(3, 1);
        if (!normalized) {
            return graph.biasedConvolution(name, input, filters, window, LayerGraph.RELU);
        }
        String last = biased
                ? graph.biasedConvolution(name, input, filters, window)
                : graph.convolution(name, input, filters, window);
        return graph.activation(name + "_relu", graph.normalization(name + "_bn", last), LayerGraph.RELU);
    }

    /** The names in torchvision and timm: {@code features.N}, where ReLUs and poolings count too. */
    private Map<String, String> torchNames() {
        Map<String, String> names = new LinkedHashMap<>();
        int index = 0;
        for (int block = 1; block <= convolutions.length; block++) {
            for (int convolution = 1; convolution <= convolutions[block - 1]; convolution++) {
                String ours = "block" + block + "_conv" + convolution;
                names.put(ours, "features." + index);
                if (normalized) {
                    names.put(ours + "_bn", "features." + (index + 1));
                }
                index += normalized ? 3 : 2;
            }
            index++;
        }
        return names;
    }
}
