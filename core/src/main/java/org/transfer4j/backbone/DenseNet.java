package org.transfer4j.backbone;

import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.backbone.LayerGraph.Sliding;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * Densely connected networks: every layer of a block adds channels to all those before it. Keras' and torchvision's are the same
 * functions: 1.001e-5 in Keras and 1e-5 in PyTorch, added to variances, differ by less than the accuracy of float.
 */
final class DenseNet {
    private static final double EPSILON = 1.001e-5;
    private static final double MOMENTUM = 0.99;
    private static final int FIRST_CHANNELS = 64;
    private static final int GROWTH = 32;
    private static final int BOTTLENECK = 4 * GROWTH;
    private static final int[] LAYERS_121 = {6, 12, 24, 16};

    private DenseNet() {}

    static Backbone denseNet121() {
        return LayerGraph.describe("densenet121", EPSILON, MOMENTUM, DenseNet::body)
                .preprocessing(ImagePreprocessing.torch())
                .pretrained(KerasApplications.DENSENET121)
                .torchNames(torchNames())
                .build();
    }

    private static String body(LayerGraph graph) {
        String last = graph.convolution("conv1_conv", LayerGraph.INPUT, FIRST_CHANNELS, Sliding.centred(7, 2));
        last = graph.end(rectified(graph, "conv1_bn", "conv1_relu", last));
        last = graph.end(graph.maxPooling("pool1", last, Sliding.centred(3, 2)));
        for (int block = 0; block < LAYERS_121.length; block++) {
            if (block > 0) {
                last = graph.end(transition(graph, "pool" + (block + 1), last));
            }
            for (int layer = 1; layer <= LAYERS_121[block]; layer++) {
                last = layer(graph, "conv" + (block + 2) + "_block" + layer, last);
            }
            graph.end(last);
        }
        return rectified(graph, "bn", "relu", last);
    }

    private static String layer(LayerGraph graph, String name, String input) {
        String last = rectified(graph, name + "_0_bn", name + "_0_relu", input);
        last = graph.convolution(name + "_1_conv", last, BOTTLENECK, Sliding.PIXEL);
        last = rectified(graph, name + "_1_bn", name + "_1_relu", last);
        last = graph.convolution(name + "_2_conv", last, GROWTH, Sliding.centred(3, 1));
        return graph.concatenation(name + "_concat", input, last);
    }

    /** Half of the channels at half of the size. */
    private static String transition(LayerGraph graph, String name, String input) {
        String last = rectified(graph, name + "_bn", name + "_relu", input);
        last = graph.convolution(name + "_conv", last, graph.channels(input) / 2, Sliding.PIXEL);
        return graph.averagePooling(name + "_pool", last, Sliding.valid(2, 2));
    }

    private static String rectified(LayerGraph graph, String normalization, String activation, String input) {
        return graph.activation(activation, graph.normalization(normalization, input), LayerGraph.RELU);
    }

    /** The names in torchvision and timm. */
    private static Map<String, String> torchNames() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("conv1_conv", "features.conv0");
        names.put("conv1_bn", "features.norm0");
        for (int block = 1; block <= LAYERS_121.length; block++) {
            for (int layer = 1; layer <= LAYERS_121[block - 1]; layer++) {
                String ours = "conv" + (block + 1) + "_block" + layer + "_";
                String theirs = "features.denseblock" + block + ".denselayer" + layer + ".";
                names.put(ours + "0_bn", theirs + "norm1");
                names.put(ours + "1_conv", theirs + "conv1");
                names.put(ours + "1_bn", theirs + "norm2");
                names.put(ours + "2_conv", theirs + "conv2");
            }
            if (block < LAYERS_121.length) {
                String theirs = "features.transition" + block + ".";
                names.put("pool" + (block + 1) + "_conv", theirs + "conv");
                names.put("pool" + (block + 1) + "_bn", theirs + "norm");
            }
        }
        names.put("bn", "features.norm" + (LAYERS_121.length + 1));
        return names;
    }
}
