package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.testing.Backbones;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeightsFile;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** The backbones at full size against Keras and PyTorch, from a weights file and pixels to features. */
class BackboneParityTest {
    private static final double LIMIT = 1e-4;

    // odd heights and even widths on the way down: 33, 17, 9, 5, 3 and 47, 24, 12, 6, 3
    private static final int HEIGHT = 33;
    private static final int WIDTH = 47;

    /** With wider weights its many blocks make a large error of each rounding. */
    private static final Map<String, Double> FACTORS = Map.of("efficientNetV2B0", 0.5);

    @TempDir
    Path folder;

    private static INDArray features(Backbone backbone, Path weights, long count) {
        int images = Math.toIntExact(count);
        return TransferLearner.of(backbone)
                .weights(Weights.file(weights))
                .inputSize(HEIGHT, WIDTH)
                .features(ImageDataset.of(IntegerImages.rgb(images, HEIGHT, WIDTH), new int[images]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vgg19",
                "resNet50",
                "resNet50V15",
                "resNet18",
                "mobileNetV2",
                "mobileNetV3Large",
                "efficientNetB0",
                "efficientNetV2B0",
                "denseNet121"
            })
    void featuresAreThoseOfKerasOrPyTorch(String name) {
        Backbone backbone = Backbones.named(name);
        Path weights = HashWeightsFile.of(
                folder.resolve("weights.h5"),
                SizedBackbone.of(backbone, HEIGHT, WIDTH).network(),
                FACTORS.getOrDefault(name, 1.0));
        INDArray expected = GoldenFiles.channelsFirst("backbones/" + name + "/features.npy");
        assertThat(RelativeL2.worst(features(backbone, weights, expected.size(0)), expected))
                .isLessThan(LIMIT);
    }

    /** With depthwise convolutions, and with the layer of Keras' that is preprocessing here. */
    @ParameterizedTest
    @CsvSource({
        "mobileNetV2, block_2_add, legacy.h5",
        "mobileNetV2, block_2_add, keras3.weights.h5",
        "efficientNetB0, block2b_add, legacy.h5",
        "efficientNetB0, block2b_add, keras3.weights.h5"
    })
    void filesOfKerasAreRead(String name, String last, String file) {
        INDArray expected = GoldenFiles.channelsFirst("backbones/" + name + "/" + last + ".npy");
        Path weights = GoldenFiles.path("backbones/" + name + "/" + file);
        INDArray features = features(Backbones.named(name).upTo(last), weights, expected.size(0));
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
    }
}
