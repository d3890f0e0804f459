package org.transfer4j.backbone;

import java.net.URL;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.download.Checksum;

/**
 * A small residual network for small photographs: a 3x3 stem that halves the image, three stages of basic blocks (K. He
 * et al., 2016), each but the first at half the size of the one before, and a 1x1 convolution that widens what the stages
 * found. The best of four shapes that learned for the same time (docs/tiny-resnet.md).
 */
final class TinyResNet {
    /** It learned from parts of images, enlarged to 64x64, and knows most where whole images are enlarged likewise. */
    private static final int SIDE = 80;

    private static final int STEM = 32;
    private static final int[] BLOCKS = {1, 1, 2};
    private static final int[] CHANNELS = {48, 96, 192};
    private static final int TOP = 512;
    private static final String FILE = "tinyresnet_tinyimagenet.safetensors";

    private TinyResNet() {}

    static Backbone tinyResNet() {
        return withWeights(TinyResNet.class.getResource(FILE));
    }

    /** Takes null where the weights were left out of the jar: the network is there all the same. */
    static Backbone withWeights(@Nullable URL file) {
        Backbone.Builder network =
                LayerGraph.describeAsInTorch("tinyresnet", TinyResNet::body).inputSize(SIDE, SIDE);
        return (file == null ? network : network.pretrained(weights(file))).build();
    }

    private static PretrainedWeights weights(URL file) {
        return PretrainedWeights.bundled(
                "weights/tinyresnet/" + FILE,
                file,
                Checksum.sha256("1ad5bb20c2a0220b50d5d2327fb657c45a8a83606485a348baa00c154da18d6c"),
                "Tiny ImageNet",
                "Apache License 2.0, as the library; trained by its example PretrainTinyResNet on Tiny ImageNet (Stanford's"
                        + " CS231n, 2015), a part of ImageNet, whose images are for research");
    }

    private static String body(LayerGraph graph) {
        String last = graph.end(rectified(graph, "stem", LayerGraph.INPUT, STEM, Sliding.centred(3, 2)));
        for (int stage = 1; stage <= CHANNELS.length; stage++) {
            for (int block = 1; block <= BLOCKS[stage - 1]; block++) {
                int stride = stage > 1 && block == 1 ? 2 : 1;
                last = graph.end(block(graph, "stage" + stage + "_block" + block, last, CHANNELS[stage - 1], stride));
            }
        }
        return graph.end(rectified(graph, "top", last, TOP, Sliding.centred(1, 1)));
    }

    private static String block(LayerGraph graph, String name, String input, int outputs, int stride) {
        String shortcut = graph.channels(input) == outputs && stride == 1
                ? input
                : normalized(graph, name + "_0", input, outputs, Sliding.centred(1, stride));
        String last = rectified(graph, name + "_1", input, outputs, Sliding.centred(3, stride));
        last = normalized(graph, name + "_2", last, outputs, Sliding.centred(3, 1));
        return graph.activation(name + "_out", graph.sum(name + "_add", shortcut, last), LayerGraph.RELU);
    }

    private static String rectified(LayerGraph graph, String name, String input, int filters, Sliding window) {
        return graph.activation(name + "_relu", normalized(graph, name, input, filters, window), LayerGraph.RELU);
    }

    private static String normalized(LayerGraph graph, String name, String input, int filters, Sliding window) {
        return graph.normalization(name + "_bn", graph.convolution(name + "_conv", input, filters, window));
    }
}
