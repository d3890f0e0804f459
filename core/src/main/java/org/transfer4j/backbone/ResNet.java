package org.transfer4j.backbone;

import java.util.List;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Residual networks: four stages of blocks, each of which adds something to what it got. */
final class ResNet {
    private static final int[] CHANNELS = {64, 128, 256, 512};

    /** By how much the output of a bottleneck block is wider than its 3x3 convolution, where that has one group. */
    private static final int EXPANSION = 4;

    /**
     * What makes a network of the family.
     *
     * @param blocks of each stage
     * @param groups of the 3x3 convolution in a bottleneck block
     * @param groupWidth channels of each group in the first stage
     */
    private record Shape(List<Integer> blocks, boolean bottleneck, int groups, int groupWidth) {
        static Shape basic(Integer... blocks) {
            return new Shape(List.of(blocks), false, 1, CHANNELS[0]);
        }

        static Shape bottleneck(Integer... blocks) {
            return new Shape(List.of(blocks), true, 1, CHANNELS[0]);
        }

        /** The channels of the 3x3 convolution in a bottleneck block. */
        int width(int outputs) {
            return outputs / EXPANSION * groupWidth / CHANNELS[0] * groups;
        }
    }

    private final Shape shape;
    private final boolean asInKeras;

    /**
     * A network.
     *
     * @param asInKeras Caffe's original, as in {@code keras.applications}: biases before batch normalization, strides in the
     *     1x1; else as in torchvision, without biases and with strides in the 3x3
     */
    private ResNet(Shape shape, boolean asInKeras) {
        this.shape = shape;
        this.asInKeras = asInKeras;
    }

    static Backbone resNet50() {
        ResNet network = new ResNet(Shape.bottleneck(3, 4, 6, 3), true);
        return LayerGraph.describe("resnet50", 1.001e-5, 0.99, network::body)
                .preprocessing(ImagePreprocessing.caffe())
                .pretrained(KerasApplications.RESNET50)
                .build();
    }

    static Backbone resNet18() {
        return asInTorchvision("resnet18", Shape.basic(2, 2, 2, 2));
    }

    static Backbone resNet34() {
        return asInTorchvision("resnet34", Shape.basic(3, 4, 6, 3));
    }

    static Backbone resNet50V15() {
        return asInTorchvision("resnet50_v1.5", Shape.bottleneck(3, 4, 6, 3));
    }

    static Backbone resNet101V15() {
        return asInTorchvision("resnet101_v1.5", Shape.bottleneck(3, 4, 23, 3));
    }

    static Backbone resNet152V15() {
        return asInTorchvision("resnet152_v1.5", Shape.bottleneck(3, 8, 36, 3));
    }

    static Backbone resNeXt50() {
        return asInTorchvision("resnext50_32x4d", new Shape(List.of(3, 4, 6, 3), true, 32, 4));
    }

    private static Backbone asInTorchvision(String name, Shape shape) {
        ResNet network = new ResNet(shape, false);
        return LayerGraph.describeAsInTorch(name, network::body)
                .torchNames(TorchNames.resNet(shape.bottleneck() ? 3 : 2, shape.blocks()))
                .licence("torchvision's weights: BSD 3-Clause licence; timm's: Apache License 2.0")
                .build();
    }

    private String body(LayerGraph graph) {
        String last = graph.end(rectified(graph, "conv1", LayerGraph.INPUT, CHANNELS[0], 1, Sliding.centred(7, 2)));
        last = graph.end(graph.maxPooling("pool1_pool", last, Sliding.centred(3, 2)));
        for (int stage = 0; stage < CHANNELS.length; stage++) {
            int outputs = shape.bottleneck() ? EXPANSION * CHANNELS[stage] : CHANNELS[stage];
            for (int block = 1; block <= shape.blocks().get(stage); block++) {
                // Keras counts the stem as the first stage
                String name = "conv" + (stage + 2) + "_block" + block;
                int stride = stage > 0 && block == 1 ? 2 : 1;
                last = graph.end(block(graph, name, last, outputs, stride));
            }
        }
        return last;
    }

    private String block(LayerGraph graph, String name, String input, int outputs, int stride) {
        String shortcut = graph.channels(input) == outputs
                ? input
                : normalized(graph, name + "_0", input, outputs, 1, Sliding.centred(1, stride));
        String last;
        if (shape.bottleneck()) {
            int width = shape.width(outputs);
            last = rectified(graph, name + "_1", input, width, 1, Sliding.centred(1, asInKeras ? stride : 1));
            last = rectified(
                    graph, name + "_2", last, width, shape.groups(), Sliding.centred(3, asInKeras ? 1 : stride));
            last = normalized(graph, name + "_3", last, outputs, 1, Sliding.centred(1, 1));
        } else {
            last = rectified(graph, name + "_1", input, outputs, 1, Sliding.centred(3, stride));
            last = normalized(graph, name + "_2", last, outputs, 1, Sliding.centred(3, 1));
        }
        return graph.activation(name + "_out", graph.sum(name + "_add", shortcut, last), LayerGraph.RELU);
    }

    private String rectified(LayerGraph graph, String name, String input, int filters, int groups, Sliding window) {
        String last = normalized(graph, name, input, filters, groups, window);
        return graph.activation(name + "_relu", last, LayerGraph.RELU);
    }

    private String normalized(LayerGraph graph, String name, String input, int filters, int groups, Sliding window) {
        String convolution = name + "_conv";
        if (asInKeras) {
            graph.biasedConvolution(convolution, input, filters, window);
        } else {
            graph.groupedConvolution(convolution, input, filters, groups, window);
        }
        return graph.normalization(name + "_bn", convolution);
    }
}
