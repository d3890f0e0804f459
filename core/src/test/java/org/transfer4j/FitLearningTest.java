package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

class FitLearningTest {
    private static TransferLearner tiny(Backbone backbone) {
        return TransferLearner.of(backbone)
                .weights(Weights.random())
                .batchSize(8)
                .epochs(2);
    }

    @Test
    void realDigitsAreLearnedWithTheDefaults() {
        DatasetSplit digits = SampleDatasets.digits().split(0.8, 42);

        try (ImageClassifier classifier = TransferLearner.of(Backbone.vgg16().upTo("block1_pool"))
                .weights(Weights.random())
                .inputSize(32, 32)
                .preprocessing(ImagePreprocessing.unit())
                .fit(digits.train())) {
            EvaluationReport report = classifier.evaluate(digits.test());
            assertThat(report.size()).isEqualTo(digits.test().size());
            assertThat(report.accuracy()).isGreaterThan(0.95);
            assertThat(report.topK(3)).isGreaterThanOrEqualTo(report.accuracy());
            assertThat(classifier.classNames()).isEqualTo(digits.train().classNames());
        }
    }

    @Test
    void theHistoryHasOneRecordAnEpoch() {
        try (ImageClassifier classifier = tiny(TinyBackbones.plain()).epochs(3).fit(Pictures.dataset(20))) {
            TrainingHistory history = classifier.history();
            assertThat(history.epochs()).hasSize(3);
            assertThat(history.epochs().get(2).iterations()).isEqualTo(9);
            assertThat(history.epochs().get(2).loss())
                    .isLessThan(history.epochs().get(0).loss());
            assertThat(history.epochs()).allSatisfy(epoch -> {
                assertThat(epoch.validationLoss()).isEmpty();
                assertThat(epoch.learningRate()).isEqualTo(1e-3);
                assertThat(epoch.accuracy()).isBetween(0.0, 1.0);
                assertThat(epoch.imagesPerSecond()).isPositive();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"conv1", "pool1", "conv2", "pool2"})
    void whatIsFrozenStaysBitForBitAndTheRestChanges(String layer) {
        assertOnlyTrainableChange(tiny(TinyBackbones.plain()).freezeUpTo(layer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stem", "block_add", "pool"})
    void aResidualNetworkIsTrainedAboveTheCut(String layer) {
        assertOnlyTrainableChange(tiny(TinyBackbones.residual()).freezeUpTo(layer));
    }

    @Test
    void nothingFrozenTrainsEveryLayer() {
        assertOnlyTrainableChange(tiny(TinyBackbones.plain()).unfreezeAll());
        assertOnlyTrainableChange(tiny(TinyBackbones.residual()).unfreezeAll());
    }

    private static void assertOnlyTrainableChange(TransferLearner learner) {
        Map<String, List<Integer>> before = Bits.of(Dl4jGraphs.graph(BackboneParameters.of(
                        learner.settings().network(), learner.settings().data())
                .fill(learner.settings().plan(2).network())));
        try (ImageClassifier classifier = learner.fit(Pictures.dataset(24))) {
            Map<String, List<Integer>> after = Bits.of(classifier.toComputationGraph());
            assertThat(after.keySet()).isEqualTo(before.keySet());
            after.forEach((name, values) -> {
                if (learner.settings().plan(2).frozen().contains(name.substring(0, name.lastIndexOf('_')))) {
                    assertThat(values).as(name).isEqualTo(before.get(name));
                } else {
                    assertThat(values).as(name).isNotEqualTo(before.get(name));
                }
            });
        }
    }

    @Test
    void everyHeadLearns() {
        for (Head head : List.of(
                Head.flatten(),
                Head.globalAveragePooling(),
                Head.flatten().dense(16).dropout(0.2),
                Head.globalAveragePooling().dropout(0.1).dense(16).dense(8))) {
            try (ImageClassifier classifier = tiny(TinyBackbones.plain())
                    .head(head)
                    .epochs(15)
                    .optimizer(Optimizer.adam(0.01))
                    .fit(Pictures.dataset(32))) {
                assertThat(classifier.evaluate(Pictures.dataset(32)).accuracy())
                        .as(head.toString())
                        .isGreaterThan(0.9);
            }
        }
    }

    @Test
    void theRateOfKerasDecayIsRecorded() {
        try (ImageClassifier classifier = tiny(TinyBackbones.plain())
                .optimizer(Optimizer.sgd(0.1).decay(0.5))
                .fit(Pictures.dataset(16))) {
            // two iterations an epoch; the rate is that of the epoch's last update: 0.1 / (1 + 0.5 * t)
            assertThat(classifier.history().epochs())
                    .extracting(epoch -> epoch.learningRate())
                    .containsExactly(0.1 / 1.5, 0.1 / 2.5);
        }
    }

    @Test
    void anUpdaterWithoutALearningRateIsFine() {
        try (ImageClassifier classifier =
                tiny(TinyBackbones.plain()).optimizer(new AdaDelta()).fit(Pictures.dataset(16))) {
            assertThat(classifier.history().epochs()).hasSize(2);
            assertThat(classifier.history().epochs().get(1).learningRate()).isNaN();
        }
    }

    @Test
    void aBatchMayBeLargerThanTheData() {
        try (ImageClassifier classifier =
                tiny(TinyBackbones.plain()).batchSize(1000).fit(Pictures.dataset(6))) {
            assertThat(classifier.history().epochs().get(1).iterations()).isEqualTo(2);
        }
    }

    @Test
    void oneImageAtATimeIsEnough() {
        try (ImageClassifier classifier =
                tiny(TinyBackbones.residual()).batchSize(1).fit(Pictures.dataset(3))) {
            assertThat(classifier.history().epochs().get(1).iterations()).isEqualTo(6);
        }
    }
}
