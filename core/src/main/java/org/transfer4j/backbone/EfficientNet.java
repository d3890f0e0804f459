package org.transfer4j.backbone;

import java.util.List;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** EfficientNet: MobileNetV2's blocks with swish, each channel weighted by what the image as a whole shows. */
final class EfficientNet {
    private static final double EPSILON = 1e-3;
    private static final double MOMENTUM = 0.99;
    private static final int FIRST_CHANNELS = 32;
    private static final int LAST_CHANNELS = 1280;

    /** By how much a block's inputs are more than the channels of its squeeze. */
    private static final int SQUEEZE = 4;

    private static final List<Stage> B0 = List.of(
            new Stage(16, 1, 3, 1, 1),
            new Stage(24, 2, 3, 2, 6),
            new Stage(40, 2, 5, 2, 6),
            new Stage(80, 3, 3, 2, 6),
            new Stage(112, 3, 5, 1, 6),
            new Stage(192, 4, 5, 2, 6),
            new Stage(320, 1, 3, 1, 6));

    /** Blocks of one width and one size of filters, of which the first may halve the image. */
    private record Stage(int channels, int blocks, int filterSize, int stride, int expansion) {}

    private final LayerGraph graph;

    private EfficientNet(LayerGraph graph) {
        this.graph = graph;
    }

    static Backbone efficientNetB0() {
        return LayerGraph.describe("efficientnetb0", EPSILON, MOMENTUM, graph -> new EfficientNet(graph).body())
                // Keras' network begins with layers that do the same
                .preprocessing(ImagePreprocessing.torch())
                .pretrained(KerasApplications.EFFICIENTNET_B0)
                .torchNames(TorchNames.efficientNet(
                        B0.stream().mapToInt(Stage::blocks).toArray()))
                .build();
    }

    private String body() {
        String last = graph.convolution("stem_conv", LayerGraph.INPUT, FIRST_CHANNELS, Sliding.same(3, 2));
        last = graph.normalization("stem_bn", last);
        last = graph.end(graph.activation("stem_activation", last, LayerGraph.SWISH));
        int channels = FIRST_CHANNELS;
        for (int number = 0; number < B0.size(); number++) {
            Stage stage = B0.get(number);
            for (int block = 0; block < stage.blocks(); block++) {
                String prefix = "block" + (number + 1) + (char) ('a' + block) + "_";
                last = graph.end(block(prefix, last, channels, stage, block == 0 ? stage.stride() : 1));
                channels = stage.channels();
            }
        }
        last = graph.convolution("top_conv", last, LAST_CHANNELS, Sliding.valid(1, 1));
        last = graph.normalization("top_bn", last);
        return graph.activation("top_activation", last, LayerGraph.SWISH);
    }

    private String block(String prefix, String input, int inputs, Stage stage, int stride) {
        int expanded = inputs * stage.expansion();
        String last = input;
        if (stage.expansion() > 1) {
            last = graph.convolution(prefix + "expand_conv", input, expanded, Sliding.valid(1, 1));
            last = graph.normalization(prefix + "expand_bn", last);
            last = graph.activation(prefix + "expand_activation", last, LayerGraph.SWISH);
        }
        last = graph.depthwiseConvolution(prefix + "dwconv", last, Sliding.same(stage.filterSize(), stride));
        last = graph.normalization(prefix + "bn", last);
        last = graph.activation(prefix + "activation", last, LayerGraph.SWISH);
        last = graph.product(prefix + "se_excite", last, excitation(prefix + "se_", last, inputs / SQUEEZE, expanded));
        last = graph.convolution(prefix + "project_conv", last, stage.channels(), Sliding.valid(1, 1));
        last = graph.normalization(prefix + "project_bn", last);
        return inputs == stage.channels() && stride == 1 ? graph.sum(prefix + "add", last, input) : last;
    }

    /** A factor between 0 and 1 for each channel. */
    private String excitation(String prefix, String input, int squeezed, int channels) {
        String last = graph.globalAveragePooling(prefix + "squeeze", input);
        Sliding window = Sliding.valid(1, 1);
        last = graph.biasedConvolution(prefix + "reduce", last, squeezed, window, LayerGraph.SWISH);
        return graph.biasedConvolution(prefix + "expand", last, channels, window, LayerGraph.SIGMOID);
    }
}
