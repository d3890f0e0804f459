package org.transfer4j.backbone;

import java.util.List;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** MobileNetV2: blocks that widen, filter each channel on its own, and narrow again without an activation. */
final class MobileNet {
    private static final double EPSILON = 1e-3;
    private static final double MOMENTUM = 0.999;
    private static final int FIRST_CHANNELS = 32;
    private static final int LAST_CHANNELS = 1280;
    private static final int EXPANSION = 6;

    private static final List<Stage> STAGES = List.of(
            new Stage(16, 1, 1),
            new Stage(24, 2, 2),
            new Stage(32, 3, 2),
            new Stage(64, 4, 2),
            new Stage(96, 3, 1),
            new Stage(160, 3, 2),
            new Stage(320, 1, 1));

    /** Blocks of one width, of which the first may halve the image. */
    private record Stage(int channels, int blocks, int stride) {}

    private MobileNet() {}

    static Backbone mobileNetV2() {
        return LayerGraph.describe("mobilenetv2", EPSILON, MOMENTUM, MobileNet::body)
                .preprocessing(ImagePreprocessing.tf())
                .pretrained(KerasApplications.MOBILENET_V2)
                .build();
    }

    private static String body(LayerGraph graph) {
        String last = graph.convolution("Conv1", LayerGraph.INPUT, FIRST_CHANNELS, Sliding.same(3, 2));
        last = graph.normalization("bn_Conv1", last);
        last = graph.end(graph.activation("Conv1_relu", last, LayerGraph.RELU6));
        int channels = FIRST_CHANNELS;
        int number = 0;
        for (Stage stage : STAGES) {
            for (int block = 0; block < stage.blocks(); block++) {
                int stride = block == 0 ? stage.stride() : 1;
                last = graph.end(block(graph, number, last, channels, stage.channels(), stride));
                channels = stage.channels();
                number++;
            }
        }
        last = graph.convolution("Conv_1", last, LAST_CHANNELS, Sliding.valid(1, 1));
        last = graph.normalization("Conv_1_bn", last);
        return graph.activation("out_relu", last, LayerGraph.RELU6);
    }

    private static String block(LayerGraph graph, int number, String input, int inputs, int outputs, int stride) {
        String prefix = number == 0 ? "expanded_conv_" : "block_" + number + "_";
        String last = input;
        if (number > 0) {
            last = graph.convolution(prefix + "expand", input, EXPANSION * inputs, Sliding.valid(1, 1));
            last = graph.normalization(prefix + "expand_BN", last);
            last = graph.activation(prefix + "expand_relu", last, LayerGraph.RELU6);
        }
        last = graph.depthwiseConvolution(prefix + "depthwise", last, Sliding.same(3, stride));
        last = graph.normalization(prefix + "depthwise_BN", last);
        last = graph.activation(prefix + "depthwise_relu", last, LayerGraph.RELU6);
        last = graph.convolution(prefix + "project", last, outputs, Sliding.valid(1, 1));
        last = graph.normalization(prefix + "project_BN", last);
        return inputs == outputs && stride == 1 ? graph.sum(prefix + "add", input, last) : last;
    }
}
