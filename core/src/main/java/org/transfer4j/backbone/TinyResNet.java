package org.transfer4j.backbone;

import java.util.List;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.backbone.LayerGraph.Window;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A small residual network for small photographs: a 3x3 stem that halves the image, stages of basic blocks, each but the
 * first with half the image of the one before, and a 1x1 convolution that widens what the stages found.
 */
final class TinyResNet {
    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.9;
    private static final int SIDE = 64;

    private final Shape shape;

    TinyResNet(Shape shape) {
        this.shape = shape;
    }

    /**
     * How wide and how deep.
     *
     * @param stem channels of the first convolution
     * @param channels of each stage
     * @param blocks of each stage
     * @param narrowing by how much a block's 3x3 convolution is narrower than the block, which then is a bottleneck; 1
     *     for basic blocks
     * @param top channels of the last convolution, 0 for none
     */
    record Shape(int stem, List<Integer> channels, List<Integer> blocks, int narrowing, int top) {}

    static Backbone tinyResNet() {
        return new TinyResNet(new Shape(32, List.of(48, 96, 192), List.of(1, 1, 2), 1, 512)).backbone();
    }

    Backbone backbone() {
        return LayerGraph.describe("tinyresnet", EPSILON, MOMENTUM, this::body)
                .inputSize(SIDE, SIDE)
                .preprocessing(ImagePreprocessing.torch())
                .build();
    }

    private String body(LayerGraph graph) {
        int inputs = shape.stem();
        String last = graph.end(rectified(graph, "stem", LayerGraph.INPUT, inputs, Window.centred(3, 2)));
        for (int stage = 1; stage <= shape.channels().size(); stage++) {
            int outputs = shape.channels().get(stage - 1);
            for (int block = 1; block <= shape.blocks().get(stage - 1); block++) {
                int stride = stage > 1 && block == 1 ? 2 : 1;
                last = graph.end(block(graph, "stage" + stage + "_block" + block, last, inputs, outputs, stride));
                inputs = outputs;
            }
        }
        return shape.top() == 0 ? last : graph.end(rectified(graph, "top", last, shape.top(), Window.centred(1, 1)));
    }

    private String block(LayerGraph graph, String name, String input, int inputs, int outputs, int stride) {
        String shortcut = inputs == outputs && stride == 1
                ? input
                : normalized(graph, name + "_0", input, outputs, Window.centred(1, stride));
        String last;
        if (shape.narrowing() > 1) {
            int width = outputs / shape.narrowing();
            last = rectified(graph, name + "_1", input, width, Window.centred(1, 1));
            last = rectified(graph, name + "_2", last, width, Window.centred(3, stride));
            last = normalized(graph, name + "_3", last, outputs, Window.centred(1, 1));
        } else {
            last = rectified(graph, name + "_1", input, outputs, Window.centred(3, stride));
            last = normalized(graph, name + "_2", last, outputs, Window.centred(3, 1));
        }
        return graph.activation(name + "_out", graph.sum(name + "_add", shortcut, last), Activation.RELU);
    }

    private static String rectified(LayerGraph graph, String name, String input, int filters, Window window) {
        return graph.activation(name + "_relu", normalized(graph, name, input, filters, window), Activation.RELU);
    }

    private static String normalized(LayerGraph graph, String name, String input, int filters, Window window) {
        return graph.normalization(name + "_bn", graph.convolution(name + "_conv", input, filters, window));
    }
}
