package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;

/** The lowest blocks of each family through all that is done with a backbone: frozen, fine-tuned, saved, loaded. */
class BackboneTransferTest {
    private static final ImageDataset DATA = Pictures.dataset(8);

    @TempDir
    Path folder;

    /** Backbone and last frozen layer, above which come a residual, a branch, or an activation. */
    static Stream<Arguments> cuts() {
        return Stream.of(
                Arguments.of(Backbone.resNet50().upTo("conv2_block2_out"), "conv2_block1_out"),
                Arguments.of(Backbone.resNet50V15().upTo("conv3_block1_out"), "conv2_block3_out"),
                Arguments.of(Backbone.resNet18().upTo("conv3_block1_out"), "conv2_block2_out"),
                Arguments.of(Backbone.mobileNetV2().upTo("block_2_add"), "block_1_project_BN"),
                Arguments.of(Backbone.efficientNetB0().upTo("block2b_add"), "block2a_project_bn"),
                Arguments.of(Backbone.efficientNetB0().upTo("block1a_project_bn"), "block1a_bn"),
                Arguments.of(Backbone.denseNet121().upTo("conv2_block3_concat"), "conv2_block1_concat"));
    }

    private static TransferLearner learner(Backbone backbone) {
        return TransferLearner.of(backbone)
                .weights(Weights.random())
                // with pixels of another scale the frozen layers' random features leave no loss to lower
                .preprocessing(ImagePreprocessing.torch())
                .inputSize(32, 32)
                .head(Head.globalAveragePooling())
                .optimizer(new Sgd(0.01))
                .epochs(2)
                .batchSize(8);
    }

    private static double[] probabilities(ImageClassifier classifier) {
        return classifier.predict(DATA).stream()
                .flatMap(prediction -> prediction.top(2).stream())
                .mapToDouble(ClassScore::probability)
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void aFineTunedClassifierLearnsAndComesBack(Backbone backbone, String frozen) {
        Path file = folder.resolve("model.t4j");
        double[] expected;
        try (ImageClassifier classifier = learner(backbone).freezeUpTo(frozen).fit(DATA)) {
            List<Double> losses = classifier.history().epochs().stream()
                    .map(epoch -> epoch.loss())
                    .toList();
            assertThat(losses.get(1)).isLessThan(losses.get(0));
            expected = probabilities(classifier);
            assertThat(probabilities(classifier)).as("again").isEqualTo(expected);
            classifier.save(file);
        }
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(probabilities(loaded)).isEqualTo(expected);
        }
    }
}
