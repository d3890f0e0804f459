package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;

/** Whoever does not want what was learned from ImageNet's images can delete the file from the jar. */
class TinyResNetWithoutWeightsTest {
    @Test
    void theNetworkIsThereAndItsWeightsAreAskedFor() {
        ImageDataset images = SampleDatasets.digits().limit(2);
        TransferLearner learner = TransferLearner.of(ResNet.tinyResNet(null)).inputSize(32, 32);
        assertThat(learner.weights(Weights.random()).features(images).shape()).containsExactly(2, 512, 4, 4);
        assertThatThrownBy(() -> learner.features(images))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no pretrained weights; name a file");
    }
}
