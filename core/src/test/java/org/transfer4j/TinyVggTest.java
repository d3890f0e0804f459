package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;

class TinyVggTest {
    private static final DatasetSplit DIGITS = SampleDatasets.digits().split(0.8, 42);

    @TempDir
    private Path folder;

    @Test
    void hasAsManyParametersAsItSays() {
        assertThat(TransferLearner.tinyVgg().head(10).summary())
                .contains("Non-trainable params: 503,824")
                .contains("[N, 128, 4, 4]");
    }

    @Test
    void comesWithWeightsThatNeedNoNetworkAndTellDigitsApart() {
        try (ImageClassifier classifier = TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool"))
                .freezeAll()
                .epochs(10)
                .fit(DIGITS.train())) {
            assertThat(classifier.evaluate(DIGITS.test()).accuracy()).isGreaterThan(0.97);
        }
    }

    @Test
    void doesNotPassForTrainedOnImageNet() {
        assertThatThrownBy(() ->
                        TransferLearner.tinyVgg().weights(Weights.imagenet()).features(DIGITS.test()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CIFAR-10")
                .hasMessageContaining("ImageNet");
    }

    @Test
    void whatItLearnedCanBeTakenByAnother() {
        Path weights = folder.resolve("learned.safetensors");
        ImageDataset images = DIGITS.test().limit(20);
        try (ImageClassifier classifier = TransferLearner.tinyVgg()
                .freezeUpTo("block2_pool")
                .epochs(1)
                .fit(DIGITS.train().limit(64))) {
            classifier.saveBackboneWeights(weights);
            INDArray learned = TransferLearner.of(Backbone.tinyVgg())
                    .weights(Weights.file(weights))
                    .features(images);
            INDArray expected = classifier.learner().freezeAll().features(images);
            assertThat(learned.data().asFloat()).isEqualTo(expected.data().asFloat());
            assertThat(learned.data().asFloat())
                    .isNotEqualTo(
                            TransferLearner.tinyVgg().features(images).data().asFloat());
        }
    }
}
