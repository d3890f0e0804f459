package org.transfer4j.backbone;

import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** The VGG family: blocks of 3x3 convolutions with ReLU, each block ended by 2x2 max pooling. */
final class Vgg {
    private static final int[] VGG16_CONVOLUTIONS = {2, 2, 3, 3, 3};
    private static final int[] VGG19_CONVOLUTIONS = {2, 2, 4, 4, 4};
    private static final int[] CHANNELS = {64, 128, 256, 512, 512};

    private Vgg() {}

    static Backbone vgg16() {
        return describe("vgg16", VGG16_CONVOLUTIONS, KerasApplications.VGG16);
    }

    static Backbone vgg19() {
        return describe("vgg19", VGG19_CONVOLUTIONS, KerasApplications.VGG19);
    }

    private static Backbone describe(String name, int[] convolutions, PretrainedWeights weights) {
        return LayerGraph.describe(name, 0, 0, graph -> body(graph, convolutions))
                .preprocessing(ImagePreprocessing.caffe())
                .defaultHead(Head.flatten())
                .pretrained(weights)
                .torchNames(TorchNames.vgg(convolutions))
                .build();
    }

    private static String body(LayerGraph graph, int[] convolutions) {
        String last = LayerGraph.INPUT;
        for (int block = 1; block <= CHANNELS.length; block++) {
            for (int convolution = 1; convolution <= convolutions[block - 1]; convolution++) {
                last = graph.biasedConvolution(
                        "block" + block + "_conv" + convolution,
                        last,
                        CHANNELS[block - 1],
                        Sliding.same(3, 1),
                        LayerGraph.RELU);
            }
            last = graph.end(graph.maxPooling("block" + block + "_pool", last, Sliding.valid(2, 2)));
        }
        return last;
    }
}
