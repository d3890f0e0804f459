package org.transfer4j.backbone;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How torchvision and timm call the modules of networks that have Keras' names here. Only of networks that compute the
 * same in both:
 *
 * <ul>
 *   <li>VGG, DenseNet: Keras' and torchvision's are the same functions (DenseNet's batch normalization adds 1.001e-5 in
 *       Keras and 1e-5 in PyTorch to variances, which is below the accuracy of float).
 *   <li>ResNet: torchvision's own topology, whose convolutions have no bias and whose bottlenecks stride in the 3x3
 *       (v1.5). Keras' ResNet50 is another network, and there are no names for it.
 * </ul>
 */
final class TorchNames {
    private TorchNames() {}

    /**
     * VGG in torchvision and timm: {@code features.N}, where ReLUs and poolings count too.
     *
     * @param normalized whether it has batch normalization
     * @param convolutions how many each block has
     */
    static Map<String, String> vgg(boolean normalized, int... convolutions) {
        Map<String, String> names = new LinkedHashMap<>();
        int index = 0;
        for (int block = 1; block <= convolutions.length; block++) {
            for (int convolution = 1; convolution <= convolutions[block - 1]; convolution++) {
                String ours = "block" + block + "_conv" + convolution;
                names.put(ours, "features." + index);
                if (normalized) {
                    names.put(ours + "_bn", "features." + (index + 1));
                }
                index += normalized ? 3 : 2;
            }
            index++;
        }
        return names;
    }

    /**
     * ResNet in torchvision and timm.
     *
     * @param convolutions of a block: two, as in ResNet18, or three, as in ResNet50 v1.5
     * @param blocks how many each stage has
     */
    static Map<String, String> resNet(int convolutions, List<Integer> blocks) {
        Map<String, String> names = new LinkedHashMap<>();
        putPair(names, "conv1", "conv1", "bn1");
        for (int stage = 1; stage <= blocks.size(); stage++) {
            for (int block = 1; block <= blocks.get(stage - 1); block++) {
                String ours = "conv" + (stage + 1) + "_block" + block + "_";
                String theirs = "layer" + stage + "." + (block - 1) + ".";
                for (int i = 1; i <= convolutions; i++) {
                    putPair(names, ours + i, theirs + "conv" + i, theirs + "bn" + i);
                }
                // a block of two convolutions keeps the number of channels in the first stage
                if (block == 1 && (convolutions == 3 || stage > 1)) {
                    putPair(names, ours + "0", theirs + "downsample.0", theirs + "downsample.1");
                }
            }
        }
        return names;
    }

    /**
     * DenseNet, such as DenseNet121 (6, 12, 24, 16), in torchvision and timm.
     *
     * @param layers how many each dense block has
     */
    static Map<String, String> denseNet(int... layers) {
        Map<String, String> names = new LinkedHashMap<>();
        putPair(names, "conv1", "features.conv0", "features.norm0");
        for (int block = 1; block <= layers.length; block++) {
            for (int layer = 1; layer <= layers[block - 1]; layer++) {
                String ours = "conv" + (block + 1) + "_block" + layer + "_";
                String theirs = "features.denseblock" + block + ".denselayer" + layer + ".";
                names.put(ours + "0_bn", theirs + "norm1");
                names.put(ours + "1_conv", theirs + "conv1");
                names.put(ours + "1_bn", theirs + "norm2");
                names.put(ours + "2_conv", theirs + "conv2");
            }
            if (block < layers.length) {
                String theirs = "features.transition" + block + ".";
                putPair(names, "pool" + (block + 1), theirs + "conv", theirs + "norm");
            }
        }
        names.put("bn", "features.norm" + (layers.length + 1));
        return names;
    }

    /** A convolution and its batch normalization. */
    private static void putPair(Map<String, String> names, String ours, String convolution, String normalization) {
        names.put(ours + "_conv", convolution);
        names.put(ours + "_bn", normalization);
    }
}
