package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.transfer4j.head.Head;
import org.transfer4j.testing.TinyBackbones;

class TransferLearnerSummaryTest {
    private static List<String> totals(TransferLearner learner) {
        return learner.summary()
                .lines()
                .filter(line -> line.contains("params: "))
                .toList();
    }

    @Test
    void vgg16FrozenInPart() {
        assertThat(totals(TransferLearner.vgg16()
                        .inputSize(48, 48)
                        .freezeUpTo("block4_pool")
                        .head(10)))
                .containsExactly(
                        "Total params: 14,719,818", "Trainable params: 7,084,554", "Non-trainable params: 7,635,264");
    }

    @Test
    void everyLayerIsThereInOrderWithItsShape() {
        String summary = TransferLearner.of(TinyBackbones.plain())
                .freezeUpTo("pool1")
                .head(Head.globalAveragePooling().dense(5).dropout(0.5).classes(3))
                .summary();

        assertThat(summary.lines().skip(4).map(line -> line.replaceAll(" {2,}", "|")))
                .containsExactly(
                        "input (Input)|[N, 3, 16, 16]|0",
                        "conv1 (Conv2D)|[N, 8, 16, 16]|224|frozen",
                        "pool1 (MaxPooling2D)|[N, 8, 8, 8]|0",
                        "conv2 (Conv2D)|[N, 8, 8, 8]|584|trainable",
                        "pool2 (MaxPooling2D)|[N, 8, 4, 4]|0",
                        "global_average_pooling (GlobalAveragePooling2D)|[N, 8]|0",
                        "dense (Dense)|[N, 5]|45|trainable",
                        "dropout (Dropout)|[N, 5]|0",
                        "predictions (Dense)|[N, 3]|18|trainable",
                        "-".repeat(summary.lines().toList().get(1).length()),
                        "Total params: 871",
                        "Trainable params: 647",
                        "Non-trainable params: 224",
                        "Preprocessing: unit");
    }

    @Test
    void withoutANumberOfClassesItShowsTwo() {
        assertThat(TransferLearner.of(TinyBackbones.plain()).summary()).contains("[N, 2]");
    }

    @Test
    void aResidualNetworkIsShownInTopologicalOrder() {
        assertThat(TransferLearner.of(TinyBackbones.residual())
                        .summary()
                        .lines()
                        .skip(5))
                .extracting(line -> line.replaceAll(" .*", ""))
                .startsWith("stem", "stem_bn", "block_conv", "block_bn", "block_add", "block_relu", "pool", "flatten");
    }
}
