package org.transfer4j.backbone;

import java.util.List;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Residual networks: four stages of blocks, each of which adds something to what it got. */
final class ResNet {
    private static final int[] CHANNELS = {64, 128, 256, 512};

    /** By how much the output of a bottleneck block is wider than its 3x3 convolution. */
    private static final int EXPANSION = 4;

    /** Caffe's original, as in {@code keras.applications}: biases before batch normalization, strides in the 1x1. */
    private static final ResNet KERAS_50 = new ResNet(List.of(3, 4, 6, 3), true, true, false, 1.001e-5, 0.99);

    private static final ResNet TORCHVISION_50 = new ResNet(List.of(3, 4, 6, 3), true, false, true, 1e-5, 0.9);
    private static final ResNet TORCHVISION_18 = new ResNet(List.of(2, 2, 2, 2), false, false, true, 1e-5, 0.9);

    private final List<Integer> blocks;
    private final boolean bottleneck;
    private final boolean biased;
    private final boolean strideInThree;
    private final double epsilon;
    private final double momentum;

    private ResNet(
            List<Integer> blocks,
            boolean bottleneck,
            boolean biased,
            boolean strideInThree,
            double epsilon,
            double momentum) {
        this.blocks = blocks;
        this.bottleneck = bottleneck;
        this.biased = biased;
        this.strideInThree = strideInThree;
        this.epsilon = epsilon;
        this.momentum = momentum;
    }

    static Backbone resNet50() {
        return KERAS_50.describe("resnet50")
                .preprocessing(ImagePreprocessing.caffe())
                .pretrained(KerasApplications.RESNET50)
                .build();
    }

    static Backbone resNet50V15() {
        return TORCHVISION_50
                .describe("resnet50_v1.5")
                .preprocessing(ImagePreprocessing.torch())
                .torchNames(TorchNames.bottleneckResNet(3, 4, 6, 3))
                .build();
    }

    static Backbone resNet18() {
        return TORCHVISION_18
                .describe("resnet18")
                .preprocessing(ImagePreprocessing.torch())
                .torchNames(TorchNames.basicResNet(2, 2, 2, 2))
                .build();
    }

    private Backbone.Builder describe(String name) {
        return LayerGraph.describe(name, epsilon, momentum, this::body);
    }

    private String body(LayerGraph graph) {
        String last = graph.end(rectified(graph, "conv1", LayerGraph.INPUT, CHANNELS[0], Sliding.centred(7, 2)));
        last = graph.end(graph.maxPooling("pool1_pool", last, Sliding.centred(3, 2)));
        int channels = CHANNELS[0];
        for (int stage = 0; stage < CHANNELS.length; stage++) {
            int outputs = bottleneck ? EXPANSION * CHANNELS[stage] : CHANNELS[stage];
            for (int block = 1; block <= blocks.get(stage); block++) {
                // Keras counts the stem as the first stage
                String name = "conv" + (stage + 2) + "_block" + block;
                int stride = stage > 0 && block == 1 ? 2 : 1;
                last = graph.end(block(graph, name, last, channels, outputs, stride));
                channels = outputs;
            }
        }
        return last;
    }

    private String block(LayerGraph graph, String name, String input, int inputs, int outputs, int stride) {
        String shortcut =
                inputs == outputs ? input : normalized(graph, name + "_0", input, outputs, Sliding.centred(1, stride));
        String last;
        if (bottleneck) {
            int width = outputs / EXPANSION;
            last = rectified(graph, name + "_1", input, width, Sliding.centred(1, strideInThree ? 1 : stride));
            last = rectified(graph, name + "_2", last, width, Sliding.centred(3, strideInThree ? stride : 1));
            last = normalized(graph, name + "_3", last, outputs, Sliding.centred(1, 1));
        } else {
            last = rectified(graph, name + "_1", input, outputs, Sliding.centred(3, stride));
            last = normalized(graph, name + "_2", last, outputs, Sliding.centred(3, 1));
        }
        return graph.activation(name + "_out", graph.sum(name + "_add", shortcut, last), LayerGraph.RELU);
    }

    private String rectified(LayerGraph graph, String name, String input, int filters, Sliding window) {
        return graph.activation(name + "_relu", normalized(graph, name, input, filters, window), LayerGraph.RELU);
    }

    private String normalized(LayerGraph graph, String name, String input, int filters, Sliding window) {
        String convolution = name + "_conv";
        if (biased) {
            graph.biasedConvolution(convolution, input, filters, window);
        } else {
            graph.convolution(convolution, input, filters, window);
        }
        return graph.normalization(name + "_bn", convolution);
    }
}
