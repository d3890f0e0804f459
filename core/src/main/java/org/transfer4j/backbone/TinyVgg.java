package org.transfer4j.backbone;

import java.util.Objects;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.download.Checksum;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A small VGG for small images: three blocks of 3x3 convolutions, each with batch normalization and ReLU, ended by 2x2
 * max pooling. Channels are multiples of 16, which fill the registers of AVX-512.
 */
final class TinyVgg {
    private static final int SIDE = 32;
    private static final int LEAST_SIDE = 8;
    private static final int[] CONVOLUTIONS = {2, 2, 3};
    private static final int[] CHANNELS = {48, 80, 128};
    private static final String FILE = "tinyvgg_cifar10.safetensors";

    private TinyVgg() {}

    static Backbone tinyVgg() {
        return LayerGraph.describeAsInTorch("tinyvgg", TinyVgg::body)
                .inputSize(SIDE, SIDE)
                .minimumSize(LEAST_SIDE)
                .preprocessing(ImagePreprocessing.tf())
                .defaultHead(Head.flatten())
                .pretrained(weights())
                .build();
    }

    private static PretrainedWeights weights() {
        return PretrainedWeights.bundled(
                "weights/tinyvgg/" + FILE,
                Objects.requireNonNull(TinyVgg.class.getResource(FILE), FILE),
                Checksum.sha256("f6e54ac042ce88d227839731abb65f920988b3b14f688cd986d44d5d78e2fef9"),
                "CIFAR-10",
                "Apache License 2.0, as the library; trained by its example PretrainTinyVgg on CIFAR-10 (A. Krizhevsky,"
                        + " 2009)");
    }

    private static String body(LayerGraph graph) {
        String last = LayerGraph.INPUT;
        for (int block = 1; block <= CHANNELS.length; block++) {
            for (int layer = 1; layer <= CONVOLUTIONS[block - 1]; layer++) {
                String name = "block" + block + "_conv" + layer;
                last = graph.convolution(name, last, CHANNELS[block - 1], Sliding.same(3, 1));
                last = graph.normalization(name + "_bn", last);
                last = graph.activation(name + "_relu", last, LayerGraph.RELU);
            }
            last = graph.end(graph.maxPooling("block" + block + "_pool", last, Sliding.valid(2, 2)));
        }
        return last;
    }
}
