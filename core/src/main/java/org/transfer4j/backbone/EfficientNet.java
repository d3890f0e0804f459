package org.transfer4j.backbone;

import java.util.List;
import org.transfer4j.backbone.InvertedResiduals.Block;
import org.transfer4j.backbone.InvertedResiduals.Kind;
import org.transfer4j.backbone.InvertedResiduals.Table;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * EfficientNet: MobileNetV2's blocks with swish, each channel weighted by what the image as a whole shows.
 *
 * <p>Keras' network is timm's {@code tf_efficientnet_b0}, whose weights come from TensorFlow, with its padding and its 1e-3
 * in batch normalization. timm's {@code efficientnet_b0} has the same names, but pads symmetrically and adds 1e-5: its weights
 * can't be told apart by names and shapes, and give other features; so a file must say of which it is.
 */
final class EfficientNet {
    private EfficientNet() {}

    static Backbone efficientNetB0() {
        InvertedResiduals network = b0(BlockNames.KERAS_EFFICIENTNET, true);
        return network.asInKeras("efficientnetb0", 0.99)
                // Keras' network begins with layers that do the same
                .preprocessing(ImagePreprocessing.torch())
                .pretrained(KerasApplications.EFFICIENTNET_B0)
                .torchNames(network.namesIn(BlockNames.TIMM))
                .build();
    }

    static Backbone efficientNetB0Torch() {
        InvertedResiduals network = b0(BlockNames.TIMM, false);
        return network.asInTimm("efficientnet_b0")
                .torchNames(network.namesIn(BlockNames.TORCHVISION_EFFICIENTNET))
                .licence(InvertedResiduals.TIMM_OR_TORCHVISION)
                .build();
    }

    private static InvertedResiduals b0(BlockNames names, boolean asInTensorFlow) {
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
        return swish(names, asInTensorFlow, 32, blocks);
    }

    private static InvertedResiduals swish(BlockNames names, boolean asInTensorFlow, int stem, List<Block> blocks) {
        return new InvertedResiduals(
                names, asInTensorFlow, stem, 1280, LayerGraph.SWISH, LayerGraph.SWISH, LayerGraph.SIGMOID, blocks);
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
        InvertedResiduals network = swish(BlockNames.KERAS_EFFICIENTNET_V2, true, stem, blocks);
        return network.asInKeras(name, 0.9).torchNames(network.namesIn(BlockNames.TIMM));
    }
}
