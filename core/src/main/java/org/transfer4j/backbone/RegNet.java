package org.transfer4j.backbone;

import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.backbone.LayerGraph.Sliding;

/** RegNetY: bottlenecks that are as wide inside as outside, in groups of one width, their channels weighted. */
final class RegNet {
    private static final int STEM = 32;
    private static final int GROUP_WIDTH = 24;
    private static final int SQUEEZE = 4;
    private static final int[] BLOCKS = {2, 6, 17, 2};
    private static final int[] CHANNELS = {48, 120, 336, 888};

    private final LayerGraph graph;

    private RegNet(LayerGraph graph) {
        this.graph = graph;
    }

    static Backbone regNetY016() {
        return LayerGraph.describeAsInTorch("regnety_016", graph -> new RegNet(graph).body())
                .torchNames(Map.of())
                .torchNames(torchvisionNames())
                .licence(
                        "torchvision's weights, which are timm's regnety_016.tv2_in1k, too: BSD 3-Clause licence; those of its"
                                + " authors, timm's regnety_016.pycls_in1k: MIT licence")
                .build();
    }

    private String body() {
        String last = graph.end(rectified("stem", LayerGraph.INPUT, STEM, 1, Sliding.centred(3, 2)));
        for (int stage = 1; stage <= BLOCKS.length; stage++) {
            for (int block = 1; block <= BLOCKS[stage - 1]; block++) {
                last = graph.end(
                        block("s" + stage + ".b" + block + ".", last, CHANNELS[stage - 1], block == 1 ? 2 : 1));
            }
        }
        return last;
    }

    private String block(String name, String input, int channels, int stride) {
        int inputs = graph.channels(input);
        String last = rectified(name + "conv1", input, channels, 1, Sliding.PIXEL);
        last = rectified(name + "conv2", last, channels, channels / GROUP_WIDTH, Sliding.centred(3, stride));
        String weights = graph.globalAveragePooling(name + "se.squeeze", last);
        weights = graph.biasedConvolution(name + "se.fc1", weights, inputs / SQUEEZE, Sliding.PIXEL, LayerGraph.RELU);
        weights = graph.biasedConvolution(name + "se.fc2", weights, channels, Sliding.PIXEL, LayerGraph.SIGMOID);
        last = graph.product(name + "se", last, weights);
        last = normalized(name + "conv3", last, channels, 1, Sliding.PIXEL);
        String shortcut = stride == 1 && inputs == channels
                ? input
                : normalized(name + "downsample", input, channels, 1, Sliding.valid(1, stride));
        return graph.activation(name + "act3", graph.sum(name + "add", last, shortcut), LayerGraph.RELU);
    }

    private String rectified(String name, String input, int filters, int groups, Sliding window) {
        String last = normalized(name, input, filters, groups, window);
        return graph.activation(last + ".act", last, LayerGraph.RELU);
    }

    private String normalized(String name, String input, int filters, int groups, Sliding window) {
        return graph.normalization(
                name + ".bn", graph.groupedConvolution(name + ".conv", input, filters, groups, window));
    }

    private static Map<String, String> torchvisionNames() {
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, String> parts = Map.of("conv1", "f.a", "conv2", "f.b", "conv3", "f.c", "downsample", "proj");
        putPair(names, "stem", "stem");
        for (int stage = 1; stage <= BLOCKS.length; stage++) {
            for (int block = 1; block <= BLOCKS[stage - 1]; block++) {
                String ours = "s" + stage + ".b" + block + ".";
                String theirs = "trunk_output.block" + stage + ".block" + stage + "-" + (block - 1) + ".";
                boolean first = block == 1;
                parts.forEach((our, their) -> {
                    if (first || !our.equals("downsample")) {
                        putPair(names, ours + our, theirs + their);
                    }
                });
                names.put(ours + "se.fc1", theirs + "f.se.fc1");
                names.put(ours + "se.fc2", theirs + "f.se.fc2");
            }
        }
        return names;
    }

    private static void putPair(Map<String, String> names, String ours, String theirs) {
        names.put(ours + ".conv", theirs + ".0");
        names.put(ours + ".bn", theirs + ".1");
    }
}
