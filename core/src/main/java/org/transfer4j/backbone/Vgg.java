package org.transfer4j.backbone;

import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * The VGG family: blocks of 3x3 convolutions with ReLU, in some between them batch normalization, each block ended by 2x2 max
 * pooling.
 */
final class Vgg {
    private static final int[] VGG16_CONVOLUTIONS = {2, 2, 3, 3, 3};
    private static final int[] VGG19_CONVOLUTIONS = {2, 2, 4, 4, 4};
    private static final int[] CHANNELS = {64, 128, 256, 512, 512};

    private final int[] convolutions;
    private final boolean normalized;

    private Vgg(int[] convolutions, boolean normalized) {
        this.convolutions = convolutions;
        this.normalized = normalized;
    }

    static Backbone vgg16() {
        return asInKeras("vgg16", VGG16_CONVOLUTIONS, KerasApplications.VGG16);
    }

    static Backbone vgg19() {
        return asInKeras("vgg19", VGG19_CONVOLUTIONS, KerasApplications.VGG19);
    }

    private static Backbone asInKeras(String name, int[] convolutions, PretrainedWeights weights) {
        return LayerGraph.describe(name, 0, 0, new Vgg(convolutions, false)::body)
                .preprocessing(ImagePreprocessing.caffe())
                .defaultHead(Head.flatten())
                .pretrained(weights)
                .torchNames(TorchNames.vgg(false, convolutions))
                .build();
    }

    static Backbone vgg16BatchNorm() {
        Vgg network = new Vgg(VGG16_CONVOLUTIONS, true);
        return LayerGraph.describeAsInTorch("vgg16_bn", network::body)
                .defaultHead(Head.flatten())
                .torchNames(TorchNames.vgg(true, VGG16_CONVOLUTIONS))
                .licence("torchvision's weights, which are timm's, too: BSD 3-Clause licence")
                .build();
    }

    private String body(LayerGraph graph) {
        String last = LayerGraph.INPUT;
        for (int block = 1; block <= CHANNELS.length; block++) {
            for (int convolution = 1; convolution <= convolutions[block - 1]; convolution++) {
                String name = "block" + block + "_conv" + convolution;
                last = convolution(graph, name, last, CHANNELS[block - 1]);
            }
            last = graph.end(graph.maxPooling("block" + block + "_pool", last, Sliding.valid(2, 2)));
        }
        return last;
    }

    private String convolution(LayerGraph graph, String name, String input, int filters) {
        if (!normalized) {
            return graph.biasedConvolution(name, input, filters, Sliding.same(3, 1), LayerGraph.RELU);
        }
        String last = graph.biasedConvolution(name, input, filters, Sliding.same(3, 1));
        return graph.activation(name + "_relu", graph.normalization(name + "_bn", last), LayerGraph.RELU);
    }
}
