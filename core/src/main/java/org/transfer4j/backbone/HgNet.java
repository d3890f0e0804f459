package org.transfer4j.backbone;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.transfer4j.backbone.LayerGraph.Sliding;

/** HGNetV2: blocks of convolutions whose results are all looked at together at the end of the block. */
final class HgNet {
    /**
     * Blocks of one width.
     *
     * @param inside channels of the convolutions
     * @param channels of the blocks' results
     * @param separable whether each convolution is one of 1x1 and a filter for each channel
     */
    private record Stage(int inside, int channels, int blocks, boolean separable, int size, int layers) {}

    private static final List<Stage> B0 = List.of(
            new Stage(16, 64, 1, false, 3, 3),
            new Stage(32, 256, 1, false, 3, 3),
            new Stage(64, 512, 2, true, 5, 3),
            new Stage(128, 1024, 1, true, 5, 3));

    private static final List<Stage> B4 = List.of(
            new Stage(48, 128, 1, false, 3, 6),
            new Stage(96, 512, 1, false, 3, 6),
            new Stage(192, 1024, 3, true, 5, 6),
            new Stage(384, 2048, 1, true, 5, 6));

    private final LayerGraph graph;
    private final boolean affine;

    /** With a learned factor and summand behind each activation, or without. */
    private HgNet(LayerGraph graph, boolean affine) {
        this.graph = graph;
        this.affine = affine;
    }

    static Backbone hgNetV2B0() {
        return described("hgnetv2_b0", graph -> new HgNet(graph, true).body(16, 16, B0));
    }

    static Backbone hgNetV2B4() {
        return described("hgnetv2_b4", graph -> new HgNet(graph, false).body(32, 48, B4));
    }

    private static Backbone described(String name, Function<LayerGraph, String> body) {
        return LayerGraph.describeAsInTorch(name, body)
                .torchNames(Map.of())
                .licence("timm's weights, from PaddlePaddle: Apache License 2.0")
                .build();
    }

    private String body(int first, int stem, List<Stage> stages) {
        String last = graph.end(stem(first, stem));
        for (int number = 0; number < stages.size(); number++) {
            Stage stage = stages.get(number);
            String name = "stages." + number + ".";
            if (number > 0) {
                String filtered = name + "downsample.conv";
                graph.depthwiseConvolution(filtered, last, Sliding.centred(3, 2));
                last = graph.normalization(name + "downsample.bn", filtered);
            }
            for (int block = 0; block < stage.blocks(); block++) {
                last = graph.end(block(name + "blocks." + block + ".", last, stage, block > 0));
            }
        }
        return last;
    }

    private String stem(int first, int channels) {
        String name = "stem.";
        String input = rectified(name + "stem1", LayerGraph.INPUT, first, Sliding.centred(3, 2));
        // one pixel at the end, so that windows of 2x2 leave the size as it is
        String pooled = graph.maxPooling(name + "pool", input, Sliding.same(2, 1));
        String last = rectified(name + "stem2a", input, first / 2, Sliding.same(2, 1));
        last = rectified(name + "stem2b", last, first, Sliding.same(2, 1));
        last = graph.concatenation(name + "cat", pooled, last);
        last = rectified(name + "stem3", last, first, Sliding.centred(3, 2));
        return rectified(name + "stem4", last, channels, Sliding.PIXEL);
    }

    private String block(String name, String input, Stage stage, boolean residual) {
        List<String> all = new ArrayList<>(List.of(input));
        String last = input;
        for (int layer = 0; layer < stage.layers(); layer++) {
            last = layer(name + "layers." + layer, last, stage);
            all.add(last);
        }
        last = graph.concatenation(name + "cat", all.toArray(String[]::new));
        last = rectified(name + "aggregation.0", last, stage.channels() / 2, Sliding.PIXEL);
        last = rectified(name + "aggregation.1", last, stage.channels(), Sliding.PIXEL);
        return residual ? graph.sum(name + "add", last, input) : last;
    }

    private String layer(String name, String input, Stage stage) {
        if (!stage.separable()) {
            return rectified(name, input, stage.inside(), Sliding.centred(stage.size(), 1));
        }
        String last = graph.convolution(name + ".conv1.conv", input, stage.inside(), Sliding.PIXEL);
        last = graph.normalization(name + ".conv1.bn", last);
        last = graph.depthwiseConvolution(name + ".conv2.conv", last, Sliding.centred(stage.size(), 1));
        last = graph.normalization(name + ".conv2.bn", last);
        return activated(name + ".conv2", last);
    }

    private String rectified(String name, String input, int filters, Sliding window) {
        String last = graph.normalization(name + ".bn", graph.convolution(name + ".conv", input, filters, window));
        return activated(name, last);
    }

    private String activated(String name, String input) {
        String last = graph.activation(name + ".act", input, LayerGraph.RELU);
        return affine ? graph.affine(name + ".lab", last) : last;
    }
}
