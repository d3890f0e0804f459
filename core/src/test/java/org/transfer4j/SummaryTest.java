package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.transfer4j.backbone.Weights;

/** The numbers of parameters that Keras shows for the same networks. */
class SummaryTest {
    @Test
    void ofFrozenVgg16WithAHead() {
        String summary = TransferLearner.vgg16().freezeAll().head(10).summary();
        assertThat(summary.lines())
                .contains("Total params: 14,965,578", "Trainable params: 250,890", "Non-trainable params: 14,714,688");
        assertThat(row(summary, "block1_conv1")).contains("[N, 64, 224, 224]").endsWith(" 1,792  frozen");
        assertThat(row(summary, "block5_conv3")).contains("[N, 512, 14, 14]").endsWith(" 2,359,808  frozen");
        assertThat(row(summary, "block5_pool")).contains("[N, 512, 7, 7]").endsWith(" 0");
        assertThat(row(summary, "flatten")).contains("[N, 25088]").endsWith(" 0");
        assertThat(row(summary, "predictions")).contains("[N, 10]").endsWith(" 250,890  trainable");
    }

    @Test
    void ofTheArchitectureAlone() {
        String summary = TransferLearner.vgg16()
                .weights(Weights.random())
                .unfreezeAll()
                .head(10)
                .summary();
        assertThat(summary.lines())
                .contains("Total params: 14,965,578", "Trainable params: 14,965,578", "Non-trainable params: 0");
    }

    private static String row(String summary, String layer) {
        return summary.lines()
                .filter(line -> line.startsWith(layer + " "))
                .findFirst()
                .orElseThrow();
    }
}
