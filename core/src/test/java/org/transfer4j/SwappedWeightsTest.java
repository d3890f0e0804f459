package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.WeightsException;
import org.transfer4j.testing.Backbones;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.PublishedNetworks;

/** Files of published networks, by their names and shapes, that are given to other backbones than theirs. */
class SwappedWeightsTest {
    private static final int SIZE = 32;

    @TempDir
    Path folder;

    private static void use(Backbone backbone, Path weights) {
        TransferLearner.of(backbone)
                .weights(Weights.file(weights))
                .inputSize(SIZE, SIZE)
                .features(ImageDataset.of(IntegerImages.rgb(1, SIZE, SIZE), new int[1]));
    }

    private static void assertIsOf(String expected, String backbone, Path weights) {
        Backbone wrong = Backbones.named(backbone);
        assertThatThrownBy(() -> use(wrong, weights))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(weights.getFileName() + ": is of " + expected + "; it does not fit the network");
    }

    @ParameterizedTest
    @CsvSource({
        "ResNet-34 | timm, resNet18, 'ResNet-34 as torchvision and timm name its layers, see Backbone.resNet34()'",
        "ResNet-18 | torchvision, resNet50V15, 'ResNet-18 as torchvision and timm name its layers, see Backbone.resNet18()'",
        "ResNet-50 v1.5 | torchvision, resNet50, 'ResNet-50 v1.5 as torchvision and timm name its layers, see Backbone.resNet50V15()'",
        "ResNet-50 v1.5 | timm, resNet18, 'ResNet-50 v1.5 as torchvision and timm name its layers, see Backbone.resNet50V15()'",
        "ResNet-101 v1.5 | timm, resNet50V15, 'ResNet-101 v1.5 as torchvision and timm name its layers, see Backbone.resNet101V15()'",
        "ResNeXt-50 32x4d | timm, resNet50V15, 'ResNeXt-50 32x4d as torchvision and timm name its layers, see Backbone.resNeXt50()'",
        "Wide ResNet-50-2 | timm, resNet50V15, 'Wide ResNet-50-2 as torchvision and timm name its layers, of which there is no backbone here'",
        "VGG-19 | timm, vgg16, 'VGG-19 as torchvision and timm name its layers, see Backbone.vgg19()'",
        "VGG-16 | torchvision, tinyVgg, 'VGG-16 as torchvision and timm name its layers, see Backbone.vgg16()'",
        "VGG-16 with batch normalization | torchvision, vgg16, 'VGG-16 with batch normalization as torchvision and timm name its layers, see Backbone.vgg16BatchNorm()'",
        "DenseNet-169 | timm, denseNet121, 'DenseNet-169 as torchvision and timm name its layers, of which there is no backbone here'",
        "MobileNetV2 | torchvision, mobileNetV2, 'MobileNetV2 (padded on all sides, unlike Keras'') as torchvision names its layers, see Backbone.mobileNetV2Torch()'",
        "EfficientNet-B1 | timm, efficientNetB0, 'EfficientNet-B1 as timm names its layers, of which there is no backbone here'",
        "EfficientNet-B0 | timm, mobileNetV2, 'EfficientNet-B0 as timm names its layers, see Backbone.efficientNetB0() or Backbone.efficientNetB0Torch()'",
        "EfficientNet-B0 | torchvision, efficientNetB0, 'EfficientNet-B0 (padded on all sides, unlike Keras'') as torchvision names its layers, see Backbone.efficientNetB0Torch()'",
        "ResNet-34 | timm, resNet50V15, 'ResNet-34 as torchvision and timm name its layers, see Backbone.resNet34()'",
        "ResNet-50 v1.5 | timm, resNeXt50, 'ResNet-50 v1.5 as torchvision and timm name its layers, see Backbone.resNet50V15()'",
        "MobileNetV3-Large | torchvision, mobileNetV3LargeTorch, 'MobileNetV3-Large as torchvision names its layers, of which there is no backbone here'",
        "MobileNetV4-conv-medium | timm, mobileNetV4ConvSmall, 'MobileNetV4-conv-medium as timm names its layers, see Backbone.mobileNetV4ConvMedium()'",
        "EfficientNetV2-S | timm, efficientNetV2B0, 'EfficientNetV2-S as timm names its layers, see Backbone.efficientNetV2S()'",
        "EfficientNetV2-B0 | timm, efficientNetB0Torch, 'EfficientNetV2-B0 as timm names its layers, see Backbone.efficientNetV2B0()'",
        "MobileNetV3-Large | timm, efficientNetB0, 'MobileNetV3-Large as timm names its layers, see Backbone.mobileNetV3Large() or Backbone.mobileNetV3LargeTorch()'",
        "RegNetY-1.6GF | timm, hgNetV2B4, 'RegNetY-1.6GF as timm names its layers, see Backbone.regNetY016()'",
        "HGNetV2-B0 | timm, hgNetV2B4, 'HGNetV2-B0 as timm names its layers, see Backbone.hgNetV2B0()'",
        "HGNetV2-B4 | timm, hgNetV2B0, 'HGNetV2-B4 as timm names its layers, see Backbone.hgNetV2B4()'",
        "HGNetV2-B1 | timm, hgNetV2B0, 'HGNetV2-B1 as timm names its layers, of which there is no backbone here'",
        "HGNetV2-B6 | timm, hgNetV2B4, 'HGNetV2-B6 as timm names its layers, of which there is no backbone here'",
        "HGNetV2-B4 | timm, resNet50V15, 'HGNetV2-B4 as timm names its layers, see Backbone.hgNetV2B4()'",
    })
    void aFileOfPyTorchIsCalledByItsName(String network, String backbone, String expected) throws IOException {
        Path file = PublishedNetworks.writeSafetensors(
                folder.resolve("w.safetensors"), PublishedNetworks.in("torch").get(network));
        assertIsOf(expected, backbone, file);
    }

    @ParameterizedTest
    @CsvSource({
        "VGG19, vgg16, 'VGG19 as Keras names its layers, see Backbone.vgg19()'",
        "ResNet50, resNet50V15, 'ResNet50 as Keras names its layers, see Backbone.resNet50()'",
        "ResNet101, resNet50, 'ResNet101 as Keras names its layers, of which there is no backbone here'",
        "MobileNet, mobileNetV2, 'MobileNet as Keras names its layers, of which there is no backbone here'",
        "DenseNet169, denseNet121, 'DenseNet169 as Keras names its layers, of which there is no backbone here'",
        "MobileNet, mobileNetV2Torch, 'MobileNet as Keras names its layers, of which there is no backbone here'",
        "VGG19, vgg16BatchNorm, 'VGG19 as Keras names its layers, see Backbone.vgg19()'",
        "EfficientNetB1, efficientNetB0, 'EfficientNetB1 as Keras names its layers, of which there is no backbone here'",
    })
    void aFileOfKerasIsCalledByItsName(String network, String backbone, String expected) throws IOException {
        assertIsOf(expected, backbone, PublishedNetworks.writeKeras(folder.resolve("w.h5"), network));
    }

    /** It is no other network, whatever else is wrong with it. */
    @Test
    void aDamagedFileOfTheRightNetworkIsNoSwap() throws IOException {
        Map<String, List<long[]>> layers =
                new LinkedHashMap<>(PublishedNetworks.in("torch").get("ResNet-18 | timm"));
        layers.put("layer1.0.conv1", List.of(new long[] {64, 64, 1, 1}));
        Path file = PublishedNetworks.writeSafetensors(folder.resolve("w.safetensors"), layers);
        assertThatThrownBy(() -> use(Backbone.resNet18(), file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("w.safetensors: does not fit the network")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("w.safetensors: is of"));
    }

    @Test
    void thePublishedFileOfTheRightNetworkFits() throws IOException {
        Path file = PublishedNetworks.writeSafetensors(
                folder.resolve("w.safetensors"), PublishedNetworks.in("torch").get("ResNet-18 | timm"));
        use(Backbone.resNet18(), file);
    }
}
