package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.WeightsException;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** Models of all the families, saved by Keras in each of its formats, against what Keras computes with them. */
class KerasBackboneTest {
    private static final double LIMIT = 1e-4;

    @TempDir
    Path folder;

    private static Backbone backbone(String file) {
        return Backbone.keras(file(file));
    }

    private static Path file(String name) {
        return GoldenFiles.path("keras_models/" + name);
    }

    private static ImageDataset images(int height, int width) {
        return ImageDataset.of(IntegerImages.rgb(2, height, width), new int[2]);
    }

    @ParameterizedTest
    @CsvSource({
        "plain, plain.keras, 23, 26",
        "plain, plain_keras2.h5, 23, 26",
        "residual, residual.keras, 33, 33",
        "mobile, mobile.h5, 31, 28",
        "mobile, mobile.keras, 31, 28",
        "mobile, mobile_keras2.h5, 31, 28",
        "excite, excite.h5, 24, 24",
        "excite, excite.keras, 24, 24",
        "nested, nested.h5, 20, 20",
        "nested, nested.keras, 20, 20",
        "nested, nested_keras2.h5, 20, 20",
        "worldwide, worldwide.h5, 12, 12",
        "worldwide, worldwide.keras, 12, 12",
        "by_hand, by_hand.keras, 18, 18",
        "hard, hard.keras, 22, 22",
        "functions, functions.keras, 16, 18",
        "squeeze, squeeze.keras, 14, 15",
        "bgr, bgr.keras, 9, 8",
        "twins, twins.h5, 12, 13",
        "twins, twins.keras, 12, 13",
    })
    void featuresAreThoseOfKeras(String name, String file, int height, int width) {
        TransferLearner learner = TransferLearner.of(backbone(file));
        assertThat(learner.settings().network().height()).isEqualTo(height);
        assertThat(learner.settings().network().width()).isEqualTo(width);
        INDArray features = learner.features(images(height, width));
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_" + name + ".npy");
        assertThat(features.shape()).isEqualTo(expected.shape());
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
    }

    /** As the model's own top does it; without one, by its family. */
    @ParameterizedTest
    @CsvSource({
        "plain.keras, , Flatten",
        "plain.keras, conv1, Flatten",
        "plain.keras, bn, GlobalAveragePooling",
        "residual.keras, , GlobalAveragePooling",
        "mobile.h5, , GlobalAveragePooling",
        "excite.h5, , GlobalAveragePooling",
        "dense.keras, softplus, GlobalAveragePooling",
        "nested.keras, , GlobalAveragePooling",
    })
    void theHeadIsThatOfTheFamily(String file, @Nullable String upTo, String first) {
        Backbone backbone = upTo == null ? backbone(file) : backbone(file).upTo(upTo);
        assertThat(TransferLearner.of(backbone).settings().network().head().toString())
                .startsWith(first);
    }

    /** Names in other letters than ASCII's, in the file of weights and in the file's own. */
    @Test
    void weightsOfLayersInAnyLettersAreFound() throws IOException {
        Path weights = Files.copy(file("worldwide.weights.h5"), folder.resolve("Gewichte 权重.weights.h5"));
        Path model = Files.copy(file("worldwide.keras"), folder.resolve("größe 模型.keras"));
        TransferLearner learner = TransferLearner.of(Backbone.keras(model)).weights(Weights.file(weights));
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_worldwide.npy");
        assertThat(RelativeL2.worst(learner.features(images(12, 12)), expected)).isLessThan(LIMIT);
    }

    /** Also of a Conv2D with a group for each channel, which DL4J and PyTorch have as a depthwise one. */
    @Test
    void groupsOfOneChannelAreFoundInAFileOfWeights() {
        TransferLearner learner = TransferLearner.of(backbone("by_hand.keras"));
        assertThat(learner.summary()).contains("channels (Conv2D)");
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_by_hand.npy");
        INDArray features = learner.weights(Weights.file(file("by_hand.keras"))).features(images(18, 18));
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
    }

    /** Its dense layers are convolutions of one pixel here. */
    @Test
    void denseLayersOfGatesAreFoundInAFileOfWeights() {
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_squeeze.npy");
        INDArray features = TransferLearner.of(backbone("squeeze.keras"))
                .weights(Weights.file(file("squeeze.keras")))
                .features(images(14, 15));
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
    }

    /** The one of the outermost model keeps its name. */
    @Test
    void layersOfOneNameAreCalledByTheirModels() {
        Backbone backbone = backbone("twins.keras");
        assertThat(TransferLearner.of(backbone).summary())
                .contains("one/conv2d (Conv2D)", "one/bn (", "two/conv2d (Conv2D)", "two/bn (", "relu (ReLU)");
        assertThat(TransferLearner.of(backbone.upTo("two/bn")).summary()).doesNotContain("end (ReLU)");
        assertThatThrownBy(() -> TransferLearner.of(backbone)
                        .weights(Weights.file(file("twins.keras")))
                        .features(images(12, 13)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("two layers called conv2d");
    }

    @Test
    void aModelForImagesOfAnySizeTakesTheirs() {
        TransferLearner learner = TransferLearner.of(backbone("dense.keras"));
        assertThat(learner.settings().network().height()).isEqualTo(224);
        INDArray features = learner.inputSize(21, 21).features(images(21, 21));
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_dense.npy");
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
    }

    @Test
    void whatBecomesOfTheFileAfterwardsDoesNotMatter() throws IOException {
        Path model = Files.copy(file("residual.keras"), folder.resolve("model.keras"));
        Backbone backbone = Backbone.keras(model);
        Files.copy(file("mobile.keras"), model, StandardCopyOption.REPLACE_EXISTING);
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_residual.npy");
        TransferLearner learner = TransferLearner.of(backbone);
        assertThat(RelativeL2.worst(learner.features(images(33, 33)), expected)).isLessThan(LIMIT);
        Files.delete(model);
        assertThat(RelativeL2.worst(TransferLearner.of(backbone).features(images(33, 33)), expected))
                .isLessThan(LIMIT);
        assertThat(TransferLearner.of(backbone.upTo("pool1_pool")).summary()).contains("pool1_pool (MaxPooling2D)");
    }

    @Test
    void whatAModelTakesIsKnownWhenTheBackboneIsMade() {
        Backbone backbone = backbone("mobile.keras");
        assertThat(backbone.name()).isEqualTo("mobile");
        assertThat(backbone.inputHeight()).isEqualTo(31);
        assertThat(backbone.inputWidth()).isEqualTo(28);
        assertThat(backbone.preprocessing().apply(0, 255)).isEqualTo(1);
        assertThat(backbone.topology().configure(31, 28).getNetworkOutputs()).containsExactly("out_relu");
        assertThat(backbone.lastLayer()).isEmpty();
    }

    /** What DL4J has nothing like is refused where DL4J is asked for, and nowhere else. */
    @Test
    void groupsAreNoBusinessOfDl4j() {
        Backbone backbone = backbone("hard.keras");
        assertThatThrownBy(() -> backbone.topology().configure(22, 22))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("DL4J can't compute");
        TransferLearner learner = TransferLearner.of(backbone);
        assertThat(learner.summary()).contains("groups (Conv2D)", "gate (Activation)");
        try (ImageClassifier classifier =
                learner.unfreezeAll().epochs(1).fit(SampleDatasets.digits().limit(20))) {
            assertThatThrownBy(classifier::toComputationGraph)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("exportOnnx");
        }
    }

    /** Saved and loaded, a network of Keras' functions predicts what it did. */
    @ParameterizedTest
    @CsvSource({"functions.keras", "squeeze.keras", "twins.keras", "twins.h5"})
    void whatWasTrainedIsSavedWhole(String file) {
        ImageDataset digits = SampleDatasets.digits().limit(20);
        Path saved = folder.resolve("trained.t4j");
        try (ImageClassifier classifier =
                TransferLearner.of(backbone(file)).epochs(1).fit(digits)) {
            classifier.save(saved);
            classifier.exportOnnx(folder.resolve("trained.onnx"));
            try (ImageClassifier loaded = ImageClassifier.load(saved)) {
                assertThat(probabilities(loaded, digits)).isEqualTo(probabilities(classifier, digits));
            }
        }
    }

    private static List<List<Double>> probabilities(ImageClassifier classifier, ImageDataset images) {
        return classifier.predict(images).stream()
                .map(prediction -> classifier.classNames().stream()
                        .map(prediction::probability)
                        .toList())
                .toList();
    }
}
