package org.transfer4j.backbone;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.internal.network.Activation;

/**
 * Networks of blocks that widen, filter each channel alone, and narrow again without an activation, as MobileNetV2 had them
 * first; those after it, and EfficientNet, are tables of the same blocks.
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
    static final double TENSORFLOW_EPSILON = 1e-3;
    static final String TIMM = "timm's weights: Apache License 2.0";
    static final String TIMM_OR_TORCHVISION = TIMM + "; torchvision's: BSD 3-Clause licence";

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
    static final class Table {
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

    /** One of timm's, with its padding and preprocessing. */
    Backbone.Builder asInTimm(String name) {
        return LayerGraph.describeAsInTorch(name, this::body).torchNames(Map.of());
    }

    /** One of Keras' own. */
    Backbone.Builder asInKeras(String name, double momentum) {
        return LayerGraph.describe(name, TENSORFLOW_EPSILON, momentum, this::body);
    }

    /** What another program calls the layers. */
    Map<String, String> namesIn(BlockNames other) {
        return names.to(other, blocks);
    }

    private Sliding window(int size, int stride) {
        return asInTensorFlow ? Sliding.same(size, stride) : Sliding.centred(size, stride);
    }

    private String body(LayerGraph graph) {
        String last = graph.end(end(graph, "stem", LayerGraph.INPUT, stem, window(3, 2)));
        for (Block block : blocks) {
            last = graph.end(new Layers(graph, block).after(last));
        }
        return top > 0 ? end(graph, "top", last, top, Sliding.PIXEL) : last;
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
                        "expand", last, inside, fused ? window(block.size(), block.stride()) : Sliding.PIXEL);
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
                    "project", last, block.channels(), plain ? window(block.size(), block.stride()) : Sliding.PIXEL);
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
            String last = graph.globalAveragePooling(name("squeeze"), input);
            double squeezed = channels * block.squeezed();
            int reduced = gate.equals(LayerGraph.HARD_SIGMOID) ? rounded(squeezed) : (int) Math.round(squeezed);
            last = graph.biasedConvolution(name("reduce"), last, reduced, Sliding.PIXEL, squeeze);
            last = graph.biasedConvolution(name("excite"), last, channels, Sliding.PIXEL, gate);
            return graph.product(name("scale"), input, last);
        }
    }

    /** To a multiple of 8, and no more than a tenth less. */
    private static int rounded(double channels) {
        int multiple = Math.max(8, (int) (channels + 4) / 8 * 8);
        return multiple < 0.9 * channels ? multiple + 8 : multiple;
    }
}
