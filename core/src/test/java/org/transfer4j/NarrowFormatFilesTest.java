package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.NarrowVgg16;
import org.transfer4j.testing.RelativeL2;

/** One network's weights as PyTorch, Keras and DL4J write them, against what Keras computes with them. */
class NarrowFormatFilesTest {
    private static final double LIMIT = 1e-4;

    @TempDir
    Path folder;

    private static TransferLearner learner(Path file, int size) {
        return TransferLearner.of(NarrowVgg16.backbone())
                .weights(Weights.file(file))
                .inputSize(size, size);
    }

    private static Path file(String name) {
        return GoldenFiles.path("weights/formats/" + name);
    }

    private static ImageDataset images(long count, int size) {
        int images = Math.toIntExact(count);
        return ImageDataset.of(IntegerImages.rgb(images, size, size), new int[images]);
    }

    private static void assertFeatures(Path file) {
        for (int size : new int[] {32, 64}) {
            INDArray expected = GoldenFiles.channelsFirst("narrow_vgg16/features_unit_" + size + ".npy");
            INDArray features = learner(file, size).features(images(expected.size(0), size));
            assertThat(RelativeL2.worst(features, expected)).as("%d", size).isLessThan(LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vgg16.safetensors", "vgg16.keras"})
    void featuresAreThoseOfKeras(String name) {
        assertFeatures(file(name));
    }

    @Test
    void featuresOfAZipOfDl4jAreThoseOfKeras() throws IOException {
        Path zip = folder.resolve("network");
        try (ImageClassifier classifier = KerasClassifier.read(
                learner(file("vgg16.keras"), 32), file("vgg16.keras"), Shape.of(16, 1, 1), "predictions")) {
            classifier.toComputationGraph().save(zip.toFile());
        }
        assertFeatures(zip);
    }

    /** PyTorch flattens as DL4J does, 16 channels of 2x2 pixels. */
    @Test
    void aDenseLayerAfterFlattenIsReadFromPyTorch() {
        INDArray expected = GoldenFiles.array("narrow_vgg16/predictions_head_64.npy");
        Path file = file("vgg16_64.safetensors");
        try (ImageClassifier classifier =
                KerasClassifier.read(learner(file, 64), file, Shape.of(16, 2, 2), "classifier.0")) {
            INDArray actual = KerasClassifier.probabilities(classifier, images(expected.size(0), 64));
            assertThat(Transforms.abs(actual.sub(expected)).maxNumber().doubleValue())
                    .isLessThan(LIMIT);
        }
    }

    @Test
    void theLowerPartIsReadFromAFileOfTheWhole() {
        Backbone lower = NarrowVgg16.backbone().upTo("block3_conv1");
        INDArray pytorch = TransferLearner.of(lower)
                .weights(Weights.file(file("vgg16.safetensors")))
                .features(images(2, 32));
        INDArray keras = TransferLearner.of(lower)
                .weights(Weights.file(GoldenFiles.path("weights/keras3.weights.h5")))
                .features(images(2, 32));
        assertThat(pytorch).isEqualTo(keras);
    }

    @Test
    void anotherNetworkIsRefusedInTheNamesOfBoth() {
        TransferLearner learner = learner(file("mixed.safetensors"), 32);
        assertThatThrownBy(() -> learner.features(images(1, 32)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("mixed.safetensors: does not fit the network (shapes are PyTorch's)")
                .hasMessageContaining("missing: block1_conv1 (looked for as features.0),")
                .hasMessageContaining("and 8 more")
                .hasMessageContaining("the file's layers: blocks.0.bn, blocks.0.depthwise,");
    }

    /** The features are of the right network and of the wrong pixels: nothing else would tell. */
    @Test
    void weightsByPyTorchOnPixelsForKerasAreWarnedOf() {
        assertThat(warnings(ImagePreprocessing.caffe()))
                .singleElement()
                .satisfies(
                        line -> assertThat(line)
                                .contains(
                                        "vgg16.safetensors is by PyTorch, whose weights are trained with ImagePreprocessing.torch()"));
        assertThat(warnings(ImagePreprocessing.torch())).isEmpty();
    }

    private static List<String> warnings(ImagePreprocessing preprocessing) {
        Settings settings = learner(file("vgg16.safetensors"), 32)
                .preprocessing(preprocessing)
                .settings();
        return LogCapture.warningsOf(() -> BackboneParameters.of(settings.network(), settings.data()));
    }
}
