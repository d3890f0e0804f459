package org.transfer4j.internal.weights;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Networks whose weights are published, known by what their layers are called, how many there are of each kind, and how
 * wide some are; so that a file of one that is given to another is called by its name.
 *
 * <p>A row's marks are {@code name=count}, where names count as they are and with each number in them written as {@code #};
 * {@code name@inputs:outputs}, the ratio of a convolution's inputs (of a group) to its outputs; and {@code name+arrays}.
 */
final class KnownNetworks {
    private static final String TORCH = "torchvision and timm";
    private static final String TORCHVISION = "torchvision";
    private static final String TIMM = "timm";
    private static final String KERAS = "Keras";

    /** A number, also with the letter of EfficientNet's "block2a_dwconv". */
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:[a-z](?=_))?");

    private static final Pattern MARK = Pattern.compile("([^=@+]+)([=@+])(\\d+)(?::(\\d+))?");

    private static final List<Known> TABLE = List.of(
            known("VGG-11", TORCH, "features.#=8 features.1=0"),
            known("VGG-13", TORCH, "features.#=10 features.1=0"),
            known("VGG-16", TORCH, "features.#=13 features.1=0", "vgg16"),
            known("VGG-19", TORCH, "features.#=16 features.1=0", "vgg19"),
            known("VGG-11 with batch normalization", TORCH, "features.#=16 features.1=1"),
            known("VGG-13 with batch normalization", TORCH, "features.#=20 features.1=1"),
            known("VGG-16 with batch normalization", TORCH, "features.#=26 features.1=1", "vgg16BatchNorm"),
            known("VGG-19 with batch normalization", TORCH, "features.#=32 features.1=1"),
            known("AlexNet", TORCHVISION, "features.#=5 features.3=1"),
            known("SqueezeNet", TORCHVISION, "features.#.squeeze=8"),
            known("ResNet-18", TORCH, "conv1=1 layer#.#.conv#=16 layer#.#.se.fc#=0", "resNet18"),
            known("ResNet-34", TORCH, "conv1=1 layer#.#.conv#=32 layer#.#.se.fc#=0", "resNet34"),
            known("ResNet-26", TIMM, "conv1=1 layer#.#.conv#=24"),
            known(
                    "ResNet-50 v1.5",
                    TORCH,
                    "conv1=1 layer#.#.conv#=48 layer#.#.se.fc#=0 layer1.0.conv2@1:1 layer1.0.conv3@1:4",
                    "resNet50V15"),
            known(
                    "ResNet-101 v1.5",
                    TORCH,
                    "conv1=1 layer#.#.conv#=99 layer#.#.se.fc#=0 layer1.0.conv2@1:1 layer1.0.conv3@1:4",
                    "resNet101V15"),
            known("ResNet-152 v1.5", TORCH, "conv1=1 layer#.#.conv#=150 layer#.#.se.fc#=0", "resNet152V15"),
            known("Wide ResNet-50-2", TORCH, "layer#.#.conv#=48 layer1.0.conv2@1:1 layer1.0.conv3@1:2"),
            known("Wide ResNet-101-2", TORCH, "layer#.#.conv#=99 layer1.0.conv2@1:1 layer1.0.conv3@1:2"),
            known("ResNeXt-50 32x4d", TORCH, "layer#.#.conv#=48 layer1.0.conv2@1:32 layer1.0.conv3@1:2", "resNeXt50"),
            known("ResNeXt-101 32x4d", TORCH, "layer#.#.conv#=99 layer1.0.conv2@1:32 layer1.0.conv3@1:2"),
            known("ResNeXt-101 32x8d", TORCH, "layer#.#.conv#=99 layer1.0.conv2@1:32 layer1.0.conv3@1:1"),
            known("ResNeXt-101 64x4d", TORCH, "layer#.#.conv#=99 layer1.0.conv2@1:64 layer1.0.conv3@1:1"),
            known("SE-ResNet-50", TIMM, "layer#.#.conv#=48 layer#.#.se.fc#=32"),
            known("ResNet-50-D", TIMM, "conv#.#=5 layer#.#.conv#=48"),
            known("DenseNet-121", TORCH, "features.denseblock#.denselayer#.conv#=116", "denseNet121"),
            known("DenseNet-161", TORCH, "features.denseblock#.denselayer#.conv#=156"),
            known("DenseNet-169", TORCH, "features.denseblock#.denselayer#.conv#=164"),
            known("DenseNet-201", TORCH, "features.denseblock#.denselayer#.conv#=196"),
            known("MobileNet", TIMM, "conv_stem=1 blocks.#.#.conv_dw=13 blocks.#.#.conv_pwl=0"),
            known(
                    "MobileNetV2 (padded on all sides, unlike Keras')",
                    TIMM,
                    "blocks.#.#.conv_dw=17 blocks.1.0.se.conv_reduce=0 blocks.2.3.conv_dw=0 blocks.3.3.conv_dw=1",
                    "mobileNetV2Torch"),
            known(
                    "MobileNetV2 (padded on all sides, unlike Keras')",
                    TORCHVISION,
                    "features.#.conv.#.#=66",
                    "mobileNetV2Torch"),
            known(
                    "MobileNetV3-Large",
                    TIMM,
                    "blocks.#.#.conv_dw=15 blocks.#.#.se.conv_reduce=8",
                    "mobileNetV3Large",
                    "mobileNetV3LargeTorch"),
            known("MobileNetV3-Small", TIMM, "blocks.#.#.conv_dw=11 blocks.#.#.se.conv_reduce=9"),
            known("MobileNetV3-Large", TORCHVISION, "features.#.block.#.#=88"),
            known("MobileNetV3-Small", TORCHVISION, "features.#.block.#.#=64"),
            known(
                    "MobileNetV4-conv-small",
                    TIMM,
                    "blocks.#.#.pw_exp.conv=12 blocks.#.#.attn.query.proj=0",
                    "mobileNetV4ConvSmall"),
            known("MobileNetV4-conv-medium", TIMM, "blocks.#.#.pw_exp.conv=21", "mobileNetV4ConvMedium"),
            known("MobileNetV4-conv-large", TIMM, "blocks.#.#.pw_exp.conv=26"),
            known("MobileNetV4-hybrid-medium", TIMM, "blocks.#.#.pw_exp.conv=22"),
            known(
                    "EfficientNet-B0",
                    TIMM,
                    "blocks.#.#.conv_dw=16 blocks.0.0.se.conv_reduce=1",
                    "efficientNetB0",
                    "efficientNetB0Torch"),
            known(
                    "EfficientNet-B1",
                    TIMM,
                    "blocks.#.#.conv_dw=23 blocks.0.0.se.conv_reduce=1 blocks.2.0.conv_pwl@18:5"),
            known("EfficientNet-B2", TIMM, "blocks.#.#.conv_dw=23 blocks.0.0.se.conv_reduce=1 blocks.2.0.conv_pwl@3:1"),
            known("EfficientNet-B3", TIMM, "blocks.#.#.conv_dw=26 blocks.0.0.se.conv_reduce=1"),
            known("EfficientNet-B4", TIMM, "blocks.#.#.conv_dw=32 blocks.0.0.se.conv_reduce=1"),
            known("EfficientNet-B5", TIMM, "blocks.#.#.conv_dw=39 blocks.0.0.se.conv_reduce=1"),
            known("EfficientNet-B6", TIMM, "blocks.#.#.conv_dw=45 blocks.0.0.se.conv_reduce=1"),
            known("EfficientNet-B7", TIMM, "blocks.#.#.conv_dw=55 blocks.0.0.se.conv_reduce=1"),
            known(
                    "EfficientNet-B0 (padded on all sides, unlike Keras')",
                    TORCHVISION,
                    "features.#.#.block.#.#=94",
                    "efficientNetB0Torch"),
            known("EfficientNetV2-B0", TIMM, "blocks.0.0.conv=1 blocks.#.#.conv_dw=16", "efficientNetV2B0"),
            known("EfficientNetV2-B1", TIMM, "blocks.0.0.conv=1 blocks.#.#.conv_dw=19"),
            known("EfficientNetV2-B2", TIMM, "blocks.0.0.conv=1 blocks.#.#.conv_dw=20"),
            known("EfficientNetV2-B3", TIMM, "blocks.0.0.conv=1 blocks.#.#.conv_dw=24"),
            known("EfficientNetV2-S", TIMM, "blocks.0.0.conv=1 blocks.#.#.conv_dw=30", "efficientNetV2S"),
            known("EfficientNetV2-M", TIMM, "blocks.0.0.conv=1 blocks.#.#.conv_dw=44"),
            known("EfficientNetV2-S", TORCHVISION, "features.#.#.block.#.#=216"),
            known("HGNetV2-B0", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=18 stem.stem4.conv@1:1", "hgNetV2B0"),
            known("HGNetV2-B1", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=18 stem.stem4.conv@3:4"),
            known("HGNetV2-B2", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=32"),
            known("HGNetV2-B3", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=40"),
            known("HGNetV2-B4", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=48", "hgNetV2B4"),
            known("HGNetV2-B5", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=84"),
            known("HGNetV2-B6", TIMM, "stages.#.blocks.#.layers.#.conv#.conv=108"),
            known("RegNetY-800MF", TIMM, "s#.b#.conv#.conv=42 s#.b#.se.fc#=28"),
            known("RegNetY-1.6GF", TIMM, "s#.b#.conv#.conv=81 s#.b#.se.fc#=54", "regNetY016"),
            known(
                    "RegNetY-1.6GF",
                    TORCHVISION,
                    "trunk_output.block#.block#-#.f.a.#=54 trunk_output.block#.block#-#.f.se.fc#=54",
                    "regNetY016"),
            known("RegNetY-3.2GF", TIMM, "s#.b#.conv#.conv=63 s#.b#.se.fc#=42"),
            known("ConvNeXt-T", TIMM, "stages.#.blocks.#.conv_dw=18 stages.#.blocks.#.mlp.grn=0"),
            known("ConvNeXt-T", TORCHVISION, "features.#.#.block.#=72"),
            known("ConvNeXt-S or -B", TIMM, "stages.#.blocks.#.conv_dw=36 stages.#.blocks.#.mlp.grn=0"),
            known("ConvNeXtV2-T", TIMM, "stages.#.blocks.#.conv_dw=18 stages.#.blocks.#.mlp.grn=18"),
            known("a vision transformer (ViT)", TIMM, "patch_embed.proj=1 blocks.0.attn.qkv=1"),
            known("a vision transformer (ViT)", TORCHVISION, "conv_proj=1 encoder.ln=1"),
            known("a Swin transformer", TIMM, "patch_embed.proj=1 layers.0.blocks.0.attn.qkv=1"),
            known("Inception v3", TORCH, "Conv2d_1a_3x3.conv=1 Mixed_7c.branch_pool.conv=1"),
            known("VGG16", KERAS, "block#_conv#=13 block#_conv#_bn=0 block2_sepconv1=0", "vgg16"),
            known("VGG19", KERAS, "block#_conv#=16 block2_sepconv1=0", "vgg19"),
            known("ResNet50", KERAS, "conv#_block#_#_conv=52 conv#_block#_#_bn=52 conv1_conv+2", "resNet50"),
            known("ResNet101", KERAS, "conv#_block#_#_conv=103 conv#_block#_#_bn=103 conv1_conv+2"),
            known("ResNet152", KERAS, "conv#_block#_#_conv=154 conv#_block#_#_bn=154 conv1_conv+2"),
            known("ResNet50V2", KERAS, "conv#_block#_#_conv=52 conv#_block#_preact_bn=16"),
            known("ResNet101V2", KERAS, "conv#_block#_#_conv=103 conv#_block#_preact_bn=33"),
            known("MobileNet", KERAS, "conv_dw_#=13"),
            known("MobileNetV2", KERAS, "block_#_depthwise=16", "mobileNetV2"),
            known("MobileNetV3Small", KERAS, "expanded_conv_#_expand=10"),
            known("MobileNetV3Large", KERAS, "expanded_conv_#_expand=14", "mobileNetV3Large"),
            known("DenseNet121", KERAS, "pool#_bn=3 conv#_block#_#_conv=116", "denseNet121"),
            known("DenseNet169", KERAS, "pool#_bn=3 conv#_block#_#_conv=164"),
            known("DenseNet201", KERAS, "pool#_bn=3 conv#_block#_#_conv=196"),
            known("EfficientNetB0", KERAS, "block#_dwconv=16", "efficientNetB0"),
            known("EfficientNetB1", KERAS, "block#_dwconv=23 block3a_project_conv@18:5"),
            known("EfficientNetB2", KERAS, "block#_dwconv=23 block3a_project_conv@3:1"),
            known("EfficientNetB3", KERAS, "block#_dwconv=26"),
            known("EfficientNetB4", KERAS, "block#_dwconv=32"),
            known("EfficientNetV2B0", KERAS, "block#_dwconv#=16", "efficientNetV2B0"),
            known("EfficientNetV2B1", KERAS, "block#_dwconv#=19"),
            known("EfficientNetV2B2", KERAS, "block#_dwconv#=20"),
            known("EfficientNetV2B3", KERAS, "block#_dwconv#=24"),
            known("EfficientNetV2S", KERAS, "block#_dwconv#=30", "efficientNetV2S"),
            known("Xception", KERAS, "block2_sepconv1=1"),
            known("TinyVGG", "this library", "block#_conv#=7 block#_conv#_bn=7", "tinyVgg"),
            known("TinyResNet", "this library", "stem_conv=1 stage#_block#_#_conv=10 top_conv=1", "tinyResNet"));

    private KnownNetworks() {}

    /**
     * A network.
     *
     * @param program whose names the layers have
     * @param backbones the methods of Backbone that describe it: none, one, or one for TensorFlow's padding and one for
     *     PyTorch's
     */
    record Known(String name, String program, String marks, List<String> backbones) {
        @Override
        public String toString() {
            return name + " as " + program + " name" + (program.contains(" and ") ? "" : "s") + " its layers, "
                    + (backbones.isEmpty()
                            ? "of which there is no backbone here"
                            : "see Backbone." + String.join("() or Backbone.", backbones) + "()");
        }
    }

    private static Known known(String name, String program, String marks, String... backbones) {
        return new Known(name, program, marks, List.of(backbones));
    }

    /**
     * A layer's kernel.
     *
     * @param inputs of a group; 0 where that is not known, or it is no convolution's
     * @param outputs as many; 0 as before
     * @param arrays how many arrays the layer has, with the kernel; 0 where that is not known
     */
    record Kernel(long inputs, long outputs, int arrays) {}

    /**
     * Recognises a network.
     *
     * @param layers by name, at least those below its top
     */
    static Optional<Known> of(Map<String, Kernel> layers) {
        Map<String, Integer> counts = new HashMap<>();
        for (String layer : layers.keySet()) {
            String numbered = NUMBER.matcher(layer).replaceAll("#");
            counts.merge(numbered, 1, Integer::sum);
            if (!numbered.equals(layer)) {
                counts.put(layer, 1);
            }
        }
        return TABLE.stream()
                .filter(known ->
                        Arrays.stream(known.marks.split(" ", -1)).allMatch(mark -> isThere(mark, counts, layers)))
                .findFirst();
    }

    private static boolean isThere(String mark, Map<String, Integer> counts, Map<String, Kernel> layers) {
        Matcher parts = MARK.matcher(mark);
        if (!parts.matches()) {
            throw new IllegalStateException("a mark is name=count, name@inputs:outputs or name+arrays, not " + mark);
        }
        long number = Long.parseLong(parts.group(3));
        Kernel kernel = layers.getOrDefault(parts.group(1), new Kernel(0, 0, 0));
        return switch (parts.group(2)) {
            case "=" -> counts.getOrDefault(parts.group(1), 0) == number;
            case "+" -> kernel.arrays() == number;
            default ->
                kernel.inputs() > 0 && kernel.inputs() * Long.parseLong(parts.group(4)) == kernel.outputs() * number;
        };
    }
}
