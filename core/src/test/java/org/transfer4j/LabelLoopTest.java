package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.head.Probe;

class LabelLoopTest {
    private static final ImageDataset POOL = SampleDatasets.digits().shuffle(1).limit(400);
    private static final ImageDataset TEST =
            SampleDatasets.digits().shuffle(1).select(IntStream.range(400, 700).toArray());
    private static final TransferLearner LEARNER = TransferLearner.of(
                    Backbone.tinyVgg().upTo("block2_pool"))
            .inputSize(16, 16)
            .head(Head.globalAveragePooling());

    private static int[] first;
    private static ImageClassifier classifier;

    @BeforeAll
    static void begin() {
        first = LEARNER.nextToLabel(POOL, 20);
        classifier = LEARNER.probe(POOL.select(first), Probe.PROTOTYPES);
    }

    @AfterAll
    static void close() {
        classifier.close();
    }

    private static int[] rest() {
        return without(first);
    }

    private static int[] without(int... taken) {
        return IntStream.range(0, POOL.size())
                .filter(i -> IntStream.of(taken).noneMatch(other -> other == i))
                .toArray();
    }

    /** Of twenty random ones, 10 x 0.9^20 classes are missing on the average, 1.2. */
    @Test
    void typicalImagesTellMoreThanRandomOnes() {
        assertThat(IntStream.of(first).map(POOL::classIndex).distinct().count()).isGreaterThanOrEqualTo(9);
        double random = IntStream.range(0, 5)
                .mapToDouble(seed -> {
                    try (ImageClassifier by = LEARNER.probe(POOL.shuffle(seed).limit(20), Probe.PROTOTYPES)) {
                        return by.evaluate(TEST).accuracy();
                    }
                })
                .average()
                .orElseThrow();
        assertThat(classifier.evaluate(TEST).accuracy()).isGreaterThan(random);
    }

    @Test
    void labelsOfThePoolAreNotLookedAt() {
        INDArray[] pixels = IntStream.range(0, 60).mapToObj(POOL::image).toArray(INDArray[]::new);
        ImageDataset others = ImageDataset.of(Nd4j.concat(0, pixels), Collections.nCopies(60, "?"));
        ImageDataset pool = POOL.limit(60);
        assertThat(LEARNER.nextToLabel(others, 7)).isEqualTo(LEARNER.nextToLabel(pool, 7));
        assertThat(classifier.nextToLabel(others, 7)).isEqualTo(classifier.nextToLabel(pool, 7));
        ImageDataset labelled = POOL.select(first);
        assertThat(classifier.nextToLabel(others, 7, labelled)).isEqualTo(classifier.nextToLabel(pool, 7, labelled));
    }

    @Test
    void aClassifierAsksForWhatItDoesNotKnow() {
        ImageDataset pool = POOL.select(rest());
        int[] asked = classifier.nextToLabel(pool, 20);
        assertThat(asked).hasSize(20).doesNotHaveDuplicates();
        assertThat(margin(pool.select(asked))).isLessThan(margin(pool));
        assertThat(classifier.nextToLabel(pool, 20)).isEqualTo(asked);
    }

    private static double margin(ImageDataset images) {
        return classifier.predict(images).stream()
                .mapToDouble(answer -> answer.top(2).get(0).probability()
                        - answer.top(2).get(1).probability())
                .average()
                .orElseThrow();
    }

    /** Few labels: what is unlike the labelled ones; many: what is uncertain. */
    @Test
    void itGoesOnFromTypicalToUncertain() {
        ImageDataset pool = POOL.select(rest()).limit(150);
        int[] uncertain = classifier.nextToLabel(pool, 10);
        assertThat(classifier.nextToLabel(pool, 10, POOL.select(first))).isNotEqualTo(uncertain);
        assertThat(classifier.nextToLabel(pool, 10, POOL.limit(50))).isEqualTo(uncertain);
    }

    @Test
    void moreThanThePoolHasIsRefused() {
        ImageDataset pool = POOL.limit(5);
        for (int count : new int[] {0, -1, 6}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LEARNER.nextToLabel(pool, count))
                    .withMessage("of a pool of 5 images 1 to 5 can be chosen to label, got " + count);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> classifier.nextToLabel(pool, count))
                    .withMessageContaining("1 to 5 can be chosen");
        }
        assertThat(Arrays.stream(classifier.nextToLabel(pool, 5)).sorted()).containsExactly(0, 1, 2, 3, 4);
        assertThat(LEARNER.nextToLabel(POOL.limit(1), 1)).containsExactly(0);
    }

    @Test
    void whatHasNoMarginOrNoFeaturesIsRefused() {
        TransferLearner small =
                LEARNER.weights(Weights.random()).inputSize(8, 8).epochs(1);
        try (ImageClassifier nothingFrozen = small.unfreezeAll().fit(POOL.limit(40))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> nothingFrozen.nextToLabel(POOL, 3))
                    .withMessageContaining("TransferLearner.nextToLabel");
        }
        MultiLabelDataset several = MultiLabelDataset.of(
                POOL.limit(40),
                IntStream.range(0, 40)
                        .mapToObj(i -> i % 2 == 0 ? List.of("even") : List.of("odd", "last"))
                        .toList());
        try (ImageClassifier multiLabel =
                small.head(Head.globalAveragePooling().multiLabel()).fit(several)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> multiLabel.nextToLabel(POOL, 3))
                    .withMessageContaining("several labels");
        }
    }

    @Test
    void anInterruptionEndsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> LEARNER.nextToLabel(POOL, 3)).isInstanceOf(CancellationException.class);
            assertThatThrownBy(() -> classifier.nextToLabel(POOL, 3)).isInstanceOf(CancellationException.class);
        } finally {
            Thread.interrupted();
        }
    }
}
