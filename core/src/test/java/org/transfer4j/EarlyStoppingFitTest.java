package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.transfer4j.backbone.Weights;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Metric;
import org.transfer4j.training.Optimizer;

class EarlyStoppingFitTest {
    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .optimizer(Optimizer.sgd(0.3))
            .batchSize(8)
            .epochs(30);

    @Test
    void theClassifierHasTheWeightsOfTheBestEpoch() {
        EarlyStopping rule = EarlyStopping.patience(3).monitor(Metric.VALIDATION_ACCURACY);
        TransferLearner validated = learner.validation(Pictures.dataset(13));
        try (ImageClassifier stopped = validated.earlyStopping(rule).fit(Pictures.dataset(24))) {
            EpochRecord best = rule.best(stopped.history()).orElseThrow();
            int trained = stopped.history().epochs().size();
            assertThat(trained).isLessThan(30).isEqualTo(best.epoch() + 3);
            try (ImageClassifier soFar = validated.epochs(best.epoch()).fit(Pictures.dataset(24))) {
                assertThat(Bits.of(stopped.toComputationGraph())).isEqualTo(Bits.of(soFar.toComputationGraph()));
            }
        }
    }

    @Test
    void theBestWeightsAreKeptAlsoWhereAllEpochsWereTrained() {
        EarlyStopping rule = EarlyStopping.patience(30).monitor(Metric.LOSS);
        TransferLearner wild = learner.optimizer(Optimizer.sgd(2)).epochs(6);
        try (ImageClassifier all = wild.earlyStopping(rule).fit(Pictures.dataset(24))) {
            assertThat(all.history().epochs()).hasSize(6);
            int best = rule.best(all.history()).orElseThrow().epoch();
            try (ImageClassifier soFar = wild.epochs(best).fit(Pictures.dataset(24))) {
                assertThat(Bits.of(all.toComputationGraph())).isEqualTo(Bits.of(soFar.toComputationGraph()));
            }
        }
    }

    @Test
    void aValidationFigureNeedsValidationImages() {
        RecordingListener recording = new RecordingListener();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.earlyStopping(EarlyStopping.patience(3))
                        .listener(recording)
                        .fit(Pictures.dataset(24)))
                .withMessageContaining("early stopping on VALIDATION_LOSS needs validation images");
        assertThat(recording.events).isEmpty();
    }
}
