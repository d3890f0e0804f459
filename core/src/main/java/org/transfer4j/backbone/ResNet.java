package org.transfer4j.backbone;

import java.net.URL;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.download.Checksum;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * Residual networks: stages of blocks, each of which adds something to what it got. Keras' ResNet-50 is another network than
 * torchvision's, whose convolutions have no bias and whose bottlenecks stride in the 3x3 (v1.5), and has no names in PyTorch.
 */
final class ResNet {
    private static final int[] CHANNELS = {64, 128, 256, 512};

    /** By how much the output of a bottleneck block is wider than its 3x3 convolution, where that has one group. */
    private static final int EXPANSION = 4;

    /** The small one learned from parts of images, enlarged to 64x64, and knows most where whole images are enlarged likewise. */
    private static final int TINY_SIDE = 80;

    private static final int TINY_STEM = 32;
    private static final int[] TINY_CHANNELS = {48, 96, 192};
    private static final int TINY_TOP = 512;
    private static final String TINY_FILE = "tinyresnet_tinyimagenet.safetensors";

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
                .torchNames(network.torchNames())
                .licence("torchvision's weights: BSD 3-Clause licence; timm's: Apache License 2.0")
                .build();
    }

    /**
     * A small one for small photographs: a 3x3 stem that halves the image, three stages of basic blocks, each but the first at half
     * the size of the one before, and a 1x1 convolution that widens what the stages found. The best of four shapes that learned
     * for the same time (docs/tiny-resnet.md).
     */
    static Backbone tinyResNet() {
        return tinyResNet(ResNet.class.getResource(TINY_FILE));
    }

    /** Takes null where the weights were left out of the jar: the network is there all the same. */
    static Backbone tinyResNet(@Nullable URL file) {
        Backbone.Builder network = LayerGraph.describeAsInTorch(
                        "tinyresnet", new ResNet(Shape.basic(1, 1, 2), false)::tinyBody)
                .inputSize(TINY_SIDE, TINY_SIDE);
        if (file != null) {
            network.pretrained(PretrainedWeights.bundled(
                    "weights/tinyresnet/" + TINY_FILE,
                    file,
                    Checksum.sha256("1ad5bb20c2a0220b50d5d2327fb657c45a8a83606485a348baa00c154da18d6c"),
                    "Tiny ImageNet",
                    "Apache License 2.0, as the library; trained by its example PretrainTinyResNet on Tiny ImageNet"
                            + " (Stanford's CS231n, 2015), a part of ImageNet, whose images are for research"));
        }
        return network.build();
    }

    private String tinyBody(LayerGraph graph) {
        String last = graph.end(rectified(graph, "stem", LayerGraph.INPUT, TINY_STEM, 1, Sliding.centred(3, 2)));
        for (int stage = 1; stage <= TINY_CHANNELS.length; stage++) {
            for (int block = 1; block <= shape.blocks().get(stage - 1); block++) {
                int stride = stage > 1 && block == 1 ? 2 : 1;
                String name = "stage" + stage + "_block" + block;
                last = graph.end(block(graph, name, last, TINY_CHANNELS[stage - 1], stride));
            }
        }
        return graph.end(rectified(graph, "top", last, TINY_TOP, 1, Sliding.centred(1, 1)));
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
        String shortcut = graph.channels(input) == outputs && stride == 1
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

    /** The names in torchvision and timm. */
    private Map<String, String> torchNames() {
        int convolutions = shape.bottleneck() ? 3 : 2;
        Map<String, String> names = new LinkedHashMap<>();
        putPair(names, "conv1", "conv1", "bn1");
        for (int stage = 1; stage <= CHANNELS.length; stage++) {
            for (int block = 1; block <= shape.blocks().get(stage - 1); block++) {
                String ours = "conv" + (stage + 1) + "_block" + block + "_";
                String theirs = "layer" + stage + "." + (block - 1) + ".";
                for (int i = 1; i <= convolutions; i++) {
                    putPair(names, ours + i, theirs + "conv" + i, theirs + "bn" + i);
                }
                // a block of two convolutions keeps the number of channels in the first stage
                if (block == 1 && (shape.bottleneck() || stage > 1)) {
                    putPair(names, ours + "0", theirs + "downsample.0", theirs + "downsample.1");
                }
            }
        }
        return names;
    }

    /** A convolution and its batch normalization. */
    private static void putPair(Map<String, String> names, String ours, String convolution, String normalization) {
        names.put(ours + "_conv", convolution);
        names.put(ours + "_bn", normalization);
    }
}
