package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Pictures;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Phase;

/** Backbones with ops that DL4J has not: what can't be done with them yet is refused before any work. */
class UnsaidByDl4jTest {
    private static final ImageDataset DATA = Pictures.dataset(8);

    private static TransferLearner learner(Backbone backbone) {
        return TransferLearner.of(backbone).weights(Weights.random()).inputSize(32, 32);
    }

    @Test
    void featuresAreComputed() {
        assertThat(learner(Backbone.resNeXt50().upTo("conv2_block1_out"))
                        .features(DATA)
                        .shape())
                .containsExactly(8, 256, 8, 8);
    }

    @Test
    void trainingIsRefusedByTheNameOfTheLayer() {
        assertThatThrownBy(() -> learner(Backbone.resNeXt50()).unfreezeAll().fit(DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "resnext50_32x4d can't be trained there yet: layer 'conv2_block1_2_conv' (Conv2D)");
    }

    @Test
    void aLaterPhaseThatTrainsThemIsRefusedBeforeTheFirst() {
        AtomicInteger epochs = new AtomicInteger();
        FitListener counting = new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                epochs.incrementAndGet();
            }
        };
        TransferLearner learner = learner(Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"))
                .fineTune(Phase.head().epochs(1), Phase.all().epochs(1))
                .listener(counting);
        assertThatThrownBy(() -> learner.fit(DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can't be trained there yet: layer 'conv_activation'");
        assertThat(epochs).hasValue(0);
    }

    @Test
    void aHeadOnThemIsFittedSavedAndLoaded(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier = learner(Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"))
                .epochs(1)
                .fit(DATA)) {
            classifier.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.predict(DATA).get(0).probability())
                        .isEqualTo(classifier.predict(DATA).get(0).probability());
            }
            assertThatThrownBy(classifier::toComputationGraph).hasMessageContaining("layer 'conv_activation'");
        }
    }

    @Test
    void belowTheFirstSuchLayerItIsFitted() {
        try (ImageClassifier classifier =
                learner(Backbone.regNetY016().upTo("stem.bn.act")).epochs(1).fit(DATA)) {
            assertThat(classifier.predict(DATA)).hasSize(8);
        }
    }
}
