package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Pictures;

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
    void aFitIsRefusedByTheNameOfTheLayer() {
        assertThatThrownBy(() -> learner(Backbone.resNeXt50()).fit(DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "could not be saved, its file is in DL4J's terms: layer 'conv2_block1_2_conv' (Conv2D)");
        assertThatThrownBy(() -> learner(Backbone.mobileNetV3Large()).probe(DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "could not be saved, its file is in DL4J's terms: layer 'conv_activation' (Activation)");
    }

    @Test
    void belowTheFirstSuchLayerItIsFitted() {
        try (ImageClassifier classifier =
                learner(Backbone.regNetY016().upTo("stem.bn.act")).epochs(1).fit(DATA)) {
            assertThat(classifier.predict(DATA)).hasSize(8);
        }
    }
}
