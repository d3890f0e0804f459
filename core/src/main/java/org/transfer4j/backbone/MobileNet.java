package org.transfer4j.backbone;

import java.util.List;
import org.transfer4j.backbone.InvertedResiduals.Block;
import org.transfer4j.backbone.InvertedResiduals.Kind;
import org.transfer4j.backbone.InvertedResiduals.Table;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * MobileNetV2: blocks that widen, filter each channel on its own, and narrow again without an activation; MobileNetV3, which
 * weighs channels besides; and the convolutional networks of MobileNetV4, whose blocks may filter twice.
 *
 * <p>MobileNetV2 is two networks: PyTorch's pads symmetrically and adds 1e-5 to variances; Keras' pads at the end and adds
 * 1e-3, and nobody publishes it for PyTorch.
 */
final class MobileNet {
    private MobileNet() {}

    static Backbone mobileNetV2() {
        return v2(BlockNames.KERAS_MOBILENET_V2, true)
                .asInKeras("mobilenetv2", 0.999)
                .preprocessing(ImagePreprocessing.tf())
                .pretrained(KerasApplications.MOBILENET_V2)
                .build();
    }

    static Backbone mobileNetV2Torch() {
        InvertedResiduals network = v2(BlockNames.TIMM, false);
        return network.asInTimm("mobilenetv2_100")
                .torchNames(network.namesIn(BlockNames.TORCHVISION_MOBILENET))
                .licence(InvertedResiduals.TIMM_OR_TORCHVISION)
                .build();
    }

    private static InvertedResiduals v2(BlockNames names, boolean asInTensorFlow) {
        List<Block> blocks = new Table(LayerGraph.RELU6)
                .stage(Kind.SEPARABLE, 1, 16, 3, 1, 1, 0)
                .stage(Kind.INVERTED, 2, 24, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 3, 32, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 4, 64, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 3, 96, 3, 1, 6, 0)
                .stage(Kind.INVERTED, 3, 160, 3, 2, 6, 0)
                .stage(Kind.INVERTED, 1, 320, 3, 1, 6, 0)
                .blocks();
        return new InvertedResiduals(
                names, asInTensorFlow, 32, 1280, LayerGraph.RELU6, LayerGraph.RELU6, LayerGraph.SIGMOID, blocks);
    }

    static Backbone mobileNetV3Large() {
        InvertedResiduals network = mobileNetV3(BlockNames.KERAS_MOBILENET_V3, true);
        return network.asInKeras("mobilenetv3large", 0.999)
                .preprocessing(ImagePreprocessing.tf())
                .pretrained(KerasApplications.MOBILENET_V3_LARGE)
                .torchNames(network.namesIn(BlockNames.TIMM))
                .build();
    }

    static Backbone mobileNetV3LargeTorch() {
        return mobileNetV3(BlockNames.TIMM, false)
                .asInTimm("mobilenetv3_large_100")
                .licence(InvertedResiduals.TIMM)
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
        return new InvertedResiduals(
                        BlockNames.TIMM, false, 32, 0, LayerGraph.RELU, LayerGraph.RELU, LayerGraph.SIGMOID, blocks)
                .asInTimm(name)
                .licence(InvertedResiduals.TIMM)
                .build();
    }
}
