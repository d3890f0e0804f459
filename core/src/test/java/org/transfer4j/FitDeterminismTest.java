package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.TrainingHistory;

/** The same learner on the same data gives the same classifier, bit for bit. */
class FitDeterminismTest {
    private static final ImageDataset DATA = SampleDatasets.digits().limit(50);

    /** All that a fit decides. */
    private record Outcome(Map<String, List<Integer>> weights, List<List<ClassScore>> scores, TrainingHistory history) {
        static Outcome of(TransferLearner learner) {
            try (ImageClassifier classifier = learner.fit(DATA)) {
                return new Outcome(
                        Bits.of(classifier.toComputationGraph()),
                        classifier.predict(DATA).stream()
                                .map(prediction -> prediction.top(10))
                                .toList(),
                        classifier.history().withoutTiming());
            }
        }
    }

    private static TransferLearner learner(String freeze) {
        TransferLearner learner = TransferLearner.of(TinyBackbones.residual())
                .weights(Weights.random())
                .head(Head.flatten().dense(12).dropout(0.5))
                .validationSplit(0.2)
                .epochs(2);
        return switch (freeze) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(freeze);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "stem_bn", "none"})
    void theSameSeedGivesTheSameBits(String freeze) {
        Outcome first = Outcome.of(learner(freeze));
        // whatever else draws random numbers in between
        Nd4j.rand(3, 3);

        Outcome second = Outcome.of(learner(freeze));

        assertThat(second.weights()).isEqualTo(first.weights());
        assertThat(second.scores()).isEqualTo(first.scores());
        assertThat(second.history()).isEqualTo(first.history());
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "none"})
    void anotherSeedGivesAnotherClassifier(String freeze) {
        Outcome first = Outcome.of(learner(freeze));
        Outcome second = Outcome.of(learner(freeze).seed(43));

        assertThat(second.weights()).isNotEqualTo(first.weights());
        assertThat(second.scores()).isNotEqualTo(first.scores());
        assertThat(second.history()).isNotEqualTo(first.history());
    }
}
