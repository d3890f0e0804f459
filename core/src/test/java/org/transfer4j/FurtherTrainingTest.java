package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** A classifier is trained on. */
class FurtherTrainingTest {
    private static final int COUNT = 24;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .head(Head.flatten().dense(6).dropout(0.3))
            .optimizer(Optimizer.adam(1e-2))
            .batchSize(8)
            .epochs(2);

    private static Map<String, List<Integer>> bits(ImageClassifier classifier) {
        return Bits.of(classifier.toComputationGraph());
    }

    @Test
    void twoFitsByHandAreTwoPhases() {
        TransferLearner phases =
                learner.fineTune(Phase.head(), Phase.from("conv2").epochs(3));
        try (ImageClassifier expected = phases.fit(Pictures.dataset(COUNT));
                ImageClassifier first = learner.freezeAll().fit(Pictures.dataset(COUNT));
                ImageClassifier second = first.learner()
                        .freezeUpTo("pool1")
                        .batchSize(8)
                        .epochs(3)
                        .fit(Pictures.dataset(COUNT))) {
            assertThat(bits(second)).isEqualTo(bits(expected));
            assertThat(second.history().withoutTiming())
                    .isEqualTo(expected.history().withoutTiming());
        }
    }

    @Test
    void aLoadedClassifierGoesOnFromItsWeights(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT))) {
            first.save(file);
        }
        TransferLearner further;
        Map<String, List<Integer>> before;
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            before = bits(loaded);
            further = loaded.learner();
        }
        try (ImageClassifier still =
                further.optimizer(Optimizer.sgd(1e-30)).epochs(1).fit(Pictures.dataset(COUNT))) {
            assertThat(bits(still)).as("it starts from the weights").isEqualTo(before);
            assertThat(still.history().epochs()).extracting(EpochRecord::epoch).containsExactly(1, 2, 3);
            assertThat(still.history().last().orElseThrow().phase()).isEqualTo(2);
        }
        assertThat(further.summary()).isEqualTo(learner.summary());
    }

    @Test
    void someOfTheClassesInAnotherOrderKeepTheirOutputs() {
        ImageDataset red = Pictures.dataset(COUNT).select(0, 2, 4, 6, 8, 10);
        ImageDataset named = ImageDataset.encoded(IntStream.range(0, 12)
                .mapToObj(i -> EncodedImage.of("p" + i, i % 2 == 0 ? "red" : "blue", Pictures.png(i)))
                .toList());
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT));
                ImageClassifier onRed =
                        first.learner().optimizer(Optimizer.sgd(1e-30)).fit(red);
                ImageClassifier onBoth =
                        first.learner().optimizer(Optimizer.sgd(1e-30)).fit(named)) {
            assertThat(bits(onRed)).isEqualTo(bits(first));
            assertThat(bits(onBoth)).isEqualTo(bits(first));
            assertThat(onRed.predict(red).get(0).label()).isIn("red", "blue");
        }
    }

    @Test
    void weightsAreBalancedAlsoWhereTheClassesAreNumberedOtherwise() {
        ImageDataset red = ImageDataset.encoded(IntStream.range(0, 6)
                .mapToObj(i -> EncodedImage.of("p" + i, "red", Pictures.png(2 * i)))
                .toList());
        assertThat(red.classNames()).containsExactly("red");
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT));
                ImageClassifier plain = first.learner().fit(red);
                ImageClassifier balanced =
                        first.learner().balancedClassWeights().fit(red)) {
            assertThat(bits(balanced))
                    .as("one class with images has the weight 1")
                    .isEqualTo(bits(plain));
        }
    }

    @Test
    void newClassesBeginWithANewOutput() {
        ImageDataset three = ImageDataset.encoded(IntStream.range(0, 12)
                .mapToObj(i ->
                        EncodedImage.of("p" + i, List.of("red", "green", "blue").get(i % 3), Pictures.png(i)))
                .toList());
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT));
                ImageClassifier second =
                        first.learner().optimizer(Optimizer.sgd(1e-30)).fit(three)) {
            assertThat(bits(second).get("dense_W")).isEqualTo(bits(first).get("dense_W"));
            assertThat(bits(second).get("predictions_W")).hasSize(6 * 3);
            assertThat(second.predict(three)).hasSize(12);
        }
    }

    @Test
    void otherWeightsAndSizesAreNotThisClassifiers() {
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> first.learner().inputSize(20, 20).fit(Pictures.dataset(COUNT)))
                    .withMessageContaining("takes images of 16x16, got 20x20");
            try (ImageClassifier anew = first.learner()
                    .weights(Weights.random())
                    .batchSize(8)
                    .epochs(2)
                    .fit(Pictures.dataset(COUNT))) {
                assertThat(bits(anew)).as("as if it had learned nothing").isEqualTo(bits(first));
            }
        }
    }

    @Test
    void whatTheOptimizerRemembersOfOtherLayersIsForgotten() {
        try (ImageClassifier first = learner.unfreezeAll().fit(Pictures.dataset(COUNT));
                ImageClassifier lessTrained =
                        first.learner().freezeAll().epochs(1).fit(Pictures.dataset(COUNT));
                ImageClassifier otherHead =
                        first.learner().head(Head.flatten().dense(9)).epochs(1).fit(Pictures.dataset(COUNT))) {
            assertThat(bits(lessTrained).get("conv2_W")).isEqualTo(bits(first).get("conv2_W"));
            assertThat(bits(otherHead).get("conv2_W")).isEqualTo(bits(first).get("conv2_W"));
            assertThat(bits(otherHead).get("dense_b")).hasSize(9);
        }
    }

    @Test
    void aClosedOneTeachesNobody() {
        ImageClassifier closed = learner.fit(Pictures.dataset(COUNT));
        closed.close();
        assertThatIllegalStateException().isThrownBy(closed::learner);
    }
}
