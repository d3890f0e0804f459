package org.transfer4j.backbone;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * Networks of blocks that widen, filter each channel alone, and narrow again without an activation, as MobileNetV2 had them
 * first; those after it are tables of the same blocks.
 *
 * @param names of the layers
 * @param asInTensorFlow whether padding is TensorFlow's and not the same on all sides
 * @param stem channels of the 3x3 convolution that begins the network
 * @param top channels of the 1x1 convolution that ends it, 0 where there is none
 * @param activation of all layers whose stage names no other
 * @param squeeze the activation between the two layers that weigh channels
 * @param gate the activation after them
 */
record InvertedResiduals(
        BlockNames names,
        boolean asInTensorFlow,
        int stem,
        int top,
        Activation activation,
        Activation squeeze,
        Activation gate,
        List<Block> blocks) {
    private static final double TENSORFLOW_EPSILON = 1e-3;
    private static final String TIMM = "timm's weights: Apache License 2.0";
    private static final String TIMM_OR_TORCHVISION = TIMM + "; torchvision's: BSD 3-Clause licence";

    /** What a block is made of: the parts with parameters, in their order, those that weigh channels last. */
    enum Kind {
        /** A filter for each channel, and a convolution of 1x1. */
        SEPARABLE("depthwise depthwise_bn project project_bn reduce excite"),
        /** The same behind a convolution of 1x1 that widens. */
        INVERTED("expand expand_bn depthwise depthwise_bn project project_bn reduce excite"),
        /** A convolution that widens and filters, and one of 1x1. */
        FUSED("expand expand_bn project project_bn"),
        /** A convolution. */
        PLAIN("project project_bn"),
        /** INVERTED with one more filter for each channel below, and either of the two may be missing. */
        UNIVERSAL("start start_bn expand expand_bn depthwise depthwise_bn project project_bn");

        private final String parts;

        Kind(String parts) {
            this.parts = parts;
        }

        List<String> parts() {
            return List.of(parts.split(" ", -1));
        }
    }

    /**
     * A block.
     *
     * @param stage from 0
     * @param place in its stage, from 0
     * @param number of all blocks, from 0
     * @param size of its filters; 0 where a UNIVERSAL one has none above
     * @param start size of the filters below in a UNIVERSAL one, 0 where there are none
     * @param expansion how many times wider it is inside
     * @param squeezed the part of its channels inside to which they are squeezed to be weighed, 0 where they are not
     * @param activation its own
     */
    record Block(
            int stage,
            int place,
            int number,
            Kind kind,
            int channels,
            int size,
            int start,
            int stride,
            double expansion,
            double squeezed,
            Activation activation) {
        /** The parts that it has of those of its kind. */
        List<String> weightedParts() {
            return kind.parts().stream()
                    .filter(part -> squeezed > 0 || !(part.equals("reduce") || part.equals("excite")))
                    .filter(part -> start > 0 || !part.startsWith("start"))
                    .filter(part -> size > 0 || !part.startsWith("depthwise"))
                    .toList();
        }
    }

    /** Collects blocks, a stage after the other. */
    private static final class Table {
        private final List<Block> blocks = new ArrayList<>();
        private Activation activation;
        private int stage = -1;
        private int place;

        Table(Activation activation) {
            this.activation = activation;
        }

        Table activation(Activation other) {
            activation = other;
            return this;
        }

        Table stage() {
            stage++;
            place = 0;
            return this;
        }

        /** So many blocks, of which the first may halve the image. */
        Table add(
                Kind kind,
                int count,
                int channels,
                int size,
                int start,
                int stride,
                double expansion,
                double squeezed) {
            for (int i = 0; i < count; i++) {
                blocks.add(new Block(
                        stage,
                        place++,
                        blocks.size(),
                        kind,
                        channels,
                        size,
                        start,
                        i == 0 ? stride : 1,
                        expansion,
                        squeezed,
                        activation));
            }
            return this;
        }

        /** The same in a stage of its own. */
        Table stage(Kind kind, int count, int channels, int size, int stride, double expansion, double squeezed) {
            return stage().add(kind, count, channels, size, 0, stride, expansion, squeezed);
        }

        Table universal(int count, int channels, int start, int size, int stride, double expansion) {
            return add(Kind.UNIVERSAL, count, channels, size, start, stride, expansion, 0);
        }

        Table plain(int channels, int size, int stride) {
            return add(Kind.PLAIN, 1, channels, size, 0, stride, 1, 0);
        }

        List<Block> blocks() {
            return List.copyOf(blocks);
        }
    }

    static Backbone efficientNetB0Torch() {
        // of the channels inside, which are 6 times those of the block's input
        double squeezed = 1.0 / 4 / 6;
        List<Block> blocks = new Table(LayerGraph.SWISH)
                .stage(Kind.SEPARABLE, 1, 16, 3, 1, 1, 1.0 / 4)
                .stage(Kind.INVERTED, 2, 24, 3, 2, 6, squeezed)
                .stage(Kind.INVERTED, 2, 40, 5, 2, 6, squeezed)
                .stage(Kind.INVERTED, 3, 80, 3, 2, 6, squeezed)
                .stage(Kind.INVERTED, 3, 112, 5, 1, 6, squeezed)
                .stage(Kind.INVERTED, 4, 192, 5, 2, 6, squeezed)
                .stage(Kind.INVERTED, 1, 320, 3, 1, 6, squeezed)
                .blocks();
        return asInTimm("efficientnet_b0", 32, 1280, LayerGraph.SWISH, LayerGraph.SWISH, LayerGraph.SIGMOID, blocks)
                .torchNames(BlockNames.TIMM.to(BlockNames.TORCHVISION_EFFICIENTNET, blocks))
                .licence(TIMM_OR_TORCHVISION)
                .build();
    }

    static Backbone mobileNetV2Torch() {
        List<Block> blocks = new Table(LayerGraph.RELU6)
                .stage(Kind.SEPARABLE, 1, 16, 3, 1, 1, 0)
                .stage(Kind.INVERTED, 2, 24, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 3, 32, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 4, 64, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 3, 96, 3, 1, 6, 0)
                .stage(Kind.INVERTED, 3, 160, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 1, 320, 3, 1, 6, 0)
                .blocks();
        return asInTimm("mobilenetv2_100", 32, 1280, LayerGraph.RELU6, LayerGraph.RELU6, LayerGraph.SIGMOID, blocks)
                .torchNames(BlockNames.TIMM.to(BlockNames.TORCHVISION_MOBILENET, blocks))
                .licence(TIMM_OR_TORCHVISION)
                .build();
    }

    static Backbone mobileNetV3Large() {
        InvertedResiduals network = mobileNetV3(BlockNames.KERAS_MOBILENET_V3, true);
        return LayerGraph.describe("mobilenetv3large", TENSORFLOW_EPSILON, 0.999, network::body)
                .preprocessing(ImagePreprocessing.tf())
                .pretrained(KerasApplications.MOBILENET_V3_LARGE)
                .torchNames(network.names.to(BlockNames.TIMM, network.blocks))
                .build();
    }

    static Backbone mobileNetV3LargeTorch() {
        return mobileNetV3(BlockNames.TIMM, false)
                .asInTimm("mobilenetv3_large_100")
                .licence(TIMM)
                .build();
    }

    private static InvertedResiduals mobileNetV3(BlockNames names, boolean asInTensorFlow) {
        List<Block> blocks = new Table(LayerGraph.RELU)
                .stage(Kind.SEPARABLE, 1, 16, 3, 1, 1, 0)
                .stage(Kind.INVERTED, 1, 24, 3, 2, 4, 0)
                .add(Kind.INVERTED, 1, 24, 3, 0, 1, 3, 0)
                .stage(Kind.INVERTED, 3, 40, 5, 2, 3, 1.0 / 4)
                .activation(LayerGraph.HARD_SWISH)
                .stage(Kind.INVERTED, 1, 80, 3, 2, 6, 0)
                .add(Kind.INVERTED, 1, 80, 3, 0, 1, 2.5, 0)
                .add(Kind.INVERTED, 2, 80, 3, 0, 1, 2.3, 0)
                .stage(Kind.INVERTED, 2, 112, 3, 1, 6, 1.0 / 4)
                .stage(Kind.INVERTED, 3, 160, 5, 2, 6, 1.0 / 4)
                .stage()
                .plain(960, 1, 1)
                .blocks();
        return new InvertedResiduals(
                names, asInTensorFlow, 16, 0, LayerGraph.HARD_SWISH, LayerGraph.RELU, LayerGraph.HARD_SIGMOID, blocks);
    }

    static Backbone mobileNetV4ConvSmall() {
        List<Block> blocks = new Table(LayerGraph.RELU)
                .stage()
                .plain(32, 3, 2)
                .plain(32, 1, 1)
                .stage()
                .plain(96, 3, 2)
                .plain(64, 1, 1)
                .stage()
                .universal(1, 96, 5, 5, 2, 3)
                .universal(4, 96, 0, 3, 1, 2)
                .universal(1, 96, 3, 0, 1, 4)
                .stage()
                .universal(1, 128, 3, 3, 2, 6)
                .universal(1, 128, 5, 5, 1, 4)
                .universal(1, 128, 0, 5, 1, 4)
                .universal(1, 128, 0, 5, 1, 3)
                .universal(2, 128, 0, 3, 1, 4)
                .stage()
                .plain(960, 1, 1)
                .blocks();
        return mobileNetV4("mobilenetv4_conv_small", blocks);
    }

    static Backbone mobileNetV4ConvMedium() {
        List<Block> blocks = new Table(LayerGraph.RELU)
                .stage(Kind.FUSED, 1, 48, 3, 2, 4, 0)
                .stage()
                .universal(1, 80, 3, 5, 2, 4)
                .universal(1, 80, 3, 3, 1, 2)
                .stage()
                .universal(1, 160, 3, 5, 2, 6)
                .universal(2, 160, 3, 3, 1, 4)
                .universal(1, 160, 3, 5, 1, 4)
                .universal(1, 160, 3, 3, 1, 4)
                .universal(1, 160, 3, 0, 1, 4)
                .universal(1, 160, 0, 0, 1, 2)
                .universal(1, 160, 3, 0, 1, 4)
                .stage()
                .universal(1, 256, 5, 5, 2, 6)
                .universal(1, 256, 5, 5, 1, 4)
                .universal(2, 256, 3, 5, 1, 4)
                .universal(1, 256, 0, 0, 1, 4)
                .universal(1, 256, 3, 0, 1, 4)
                .universal(1, 256, 3, 5, 1, 2)
                .universal(1, 256, 5, 5, 1, 4)
                .universal(2, 256, 0, 0, 1, 4)
                .universal(1, 256, 5, 0, 1, 2)
                .stage()
                .plain(960, 1, 1)
                .blocks();
        return mobileNetV4("mobilenetv4_conv_medium", blocks);
    }

    private static Backbone mobileNetV4(String name, List<Block> blocks) {
        return asInTimm(name, 32, 0, LayerGraph.RELU, LayerGraph.RELU, LayerGraph.SIGMOID, blocks)
                .licence(TIMM)
                .build();
    }

    static Backbone efficientNetV2B0() {
        List<Block> blocks = new Table(LayerGraph.SWISH)
                .stage(Kind.PLAIN, 1, 16, 3, 1, 1, 0)
                .stage(Kind.FUSED, 2, 32, 3, 2, 4, 0)
                .stage(Kind.FUSED, 2, 48, 3, 2, 4, 0)
                .stage(Kind.INVERTED, 3, 96, 3, 2, 4, 1.0 / 4 / 4)
                .stage(Kind.INVERTED, 5, 112, 3, 1, 6, 1.0 / 4 / 6)
                .stage(Kind.INVERTED, 8, 192, 3, 2, 6, 1.0 / 4 / 6)
                .blocks();
        return efficientNetV2("efficientnetv2-b0", 32, blocks)
                .preprocessing(ImagePreprocessing.torch())
                .pretrained(KerasApplications.EFFICIENTNET_V2_B0)
                .build();
    }

    static Backbone efficientNetV2S() {
        List<Block> blocks = new Table(LayerGraph.SWISH)
                .stage(Kind.PLAIN, 2, 24, 3, 1, 1, 0)
                .stage(Kind.FUSED, 4, 48, 3, 2, 4, 0)
                .stage(Kind.FUSED, 4, 64, 3, 2, 4, 0)
                .stage(Kind.INVERTED, 6, 128, 3, 2, 4, 1.0 / 4 / 4)
                .stage(Kind.INVERTED, 9, 160, 3, 1, 6, 1.0 / 4 / 6)
                .stage(Kind.INVERTED, 15, 256, 3, 2, 6, 1.0 / 4 / 6)
                .blocks();
        // Keras' network begins with a layer that divides by 128 and takes 1 away
        float[] half = {128f / 255, 128f / 255, 128f / 255};
        return efficientNetV2("efficientnetv2-s", 24, blocks)
                .preprocessing(ImagePreprocessing.standardized(half, half))
                .pretrained(KerasApplications.EFFICIENTNET_V2_S)
                .build();
    }

    private static Backbone.Builder efficientNetV2(String name, int stem, List<Block> blocks) {
        BlockNames names = BlockNames.KERAS_EFFICIENTNET_V2;
        InvertedResiduals network = new InvertedResiduals(
                names, true, stem, 1280, LayerGraph.SWISH, LayerGraph.SWISH, LayerGraph.SIGMOID, blocks);
        return LayerGraph.describe(name, TENSORFLOW_EPSILON, 0.9, network::body)
                .torchNames(names.to(BlockNames.TIMM, blocks));
    }

    private static Backbone.Builder asInTimm(
            String name,
            int stem,
            int top,
            Activation activation,
            Activation squeeze,
            Activation gate,
            List<Block> blocks) {
        return new InvertedResiduals(BlockNames.TIMM, false, stem, top, activation, squeeze, gate, blocks)
                .asInTimm(name);
    }

    /** With timm's names, padding and preprocessing. */
    private Backbone.Builder asInTimm(String name) {
        return LayerGraph.describe(name, LayerGraph.TORCH_EPSILON, LayerGraph.TORCH_MOMENTUM, this::body)
                .preprocessing(ImagePreprocessing.torch())
                .torchNames(Map.of());
    }

    private Sliding window(int size, int stride) {
        return asInTensorFlow ? Sliding.same(size, stride) : Sliding.centred(size, stride);
    }

    private String body(LayerGraph graph) {
        String last = graph.end(end(graph, "stem", LayerGraph.INPUT, stem, window(3, 2)));
        for (Block block : blocks) {
            last = graph.end(new Layers(graph, block).after(last));
        }
        return top > 0 ? end(graph, "top", last, top, Sliding.valid(1, 1)) : last;
    }

    private String end(LayerGraph graph, String name, String input, int filters, Sliding window) {
        String last = graph.convolution(names.of(name), input, filters, window);
        last = graph.normalization(names.of(name + "_bn"), last);
        return graph.activation(names.activation(last), last, activation);
    }

    /** The layers of one block. */
    private final class Layers {
        private final LayerGraph graph;
        private final Block block;

        Layers(LayerGraph graph, Block block) {
            this.graph = graph;
            this.block = block;
        }

        String after(String input) {
            int inputs = graph.channels(input);
            int inside = rounded(inputs * block.expansion());
            String last = input;
            if (block.start() > 0) {
                last = depthwise("start", last, block.start(), block.size() > 0 ? 1 : block.stride());
            }
            if (block.expansion() > 1) {
                boolean fused = block.kind() == Kind.FUSED;
                last = convolution(
                        "expand", last, inside, fused ? window(block.size(), block.stride()) : Sliding.valid(1, 1));
                last = activation(last);
            }
            if (block.kind().parts().contains("depthwise") && block.size() > 0) {
                last = activation(depthwise("depthwise", last, block.size(), block.stride()));
            }
            if (block.squeezed() > 0) {
                last = weighed(last, inside);
            }
            boolean plain = block.kind() == Kind.PLAIN;
            last = convolution(
                    "project",
                    last,
                    block.channels(),
                    plain ? window(block.size(), block.stride()) : Sliding.valid(1, 1));
            if (plain) {
                last = activation(last);
            }
            // a plain 1x1 convolution changes channels or is there to mix them
            boolean residual = inputs == block.channels() && block.stride() == 1 && (!plain || block.size() > 1);
            return residual ? graph.sum(name("add"), last, input) : last;
        }

        private String name(String part) {
            return names.of(block, part);
        }

        private String convolution(String part, String input, int filters, Sliding window) {
            return normalization(part, graph.convolution(name(part), input, filters, window));
        }

        private String depthwise(String part, String input, int size, int stride) {
            return normalization(part, graph.depthwiseConvolution(name(part), input, window(size, stride)));
        }

        private String normalization(String part, String input) {
            return graph.normalization(name(part + "_bn"), input);
        }

        private String activation(String normalization) {
            return graph.activation(names.activation(normalization), normalization, block.activation());
        }

        /** Each channel times a factor between 0 and 1, which is of what the image as a whole shows. */
        private String weighed(String input, int channels) {
            Sliding pixel = Sliding.valid(1, 1);
            String last = graph.globalAveragePooling(name("squeeze"), input);
            double squeezed = channels * block.squeezed();
            int reduced = gate.equals(LayerGraph.HARD_SIGMOID) ? rounded(squeezed) : (int) Math.round(squeezed);
            last = graph.biasedConvolution(name("reduce"), last, reduced, pixel, squeeze);
            last = graph.biasedConvolution(name("excite"), last, channels, pixel, gate);
            return graph.product(name("scale"), input, last);
        }
    }

    /** To a multiple of 8, and no more than a tenth less. */
    private static int rounded(double channels) {
        int multiple = Math.max(8, (int) (channels + 4) / 8 * 8);
        return multiple < 0.9 * channels ? multiple + 8 : multiple;
    }
}
