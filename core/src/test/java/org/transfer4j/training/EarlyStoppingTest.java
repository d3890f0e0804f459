package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
    private static EpochRecord record(int epoch, int phase, double validationLoss, double validationAccuracy) {
        return EpochRecord.builder(epoch)
                .phase(phase)
                .training(1.0 / epoch, 0.5)
                .validation(validationLoss, validationAccuracy)
                .build();
    }

    private static TrainingHistory losses(double... losses) {
        List<EpochRecord> records = new ArrayList<>();
        for (double loss : losses) {
            records.add(record(records.size() + 1, 1, loss, 0.5));
        }
        return TrainingHistory.of(records);
    }

    private static int best(EarlyStopping rule, TrainingHistory history) {
        return rule.best(history).orElseThrow().epoch();
    }

    @Test
    void itEndsAfterSoManyEpochsWithoutImprovement() {
        EarlyStopping rule = EarlyStopping.patience(2);

        assertThat(rule.stops(TrainingHistory.empty())).isFalse();
        assertThat(rule.stops(losses(3, 2, 2.5))).isFalse();
        assertThat(rule.stops(losses(3, 2, 2.5, 2.1))).isTrue();
        assertThat(rule.stops(losses(3, 2, 2.5, 1.9, 2))).isFalse();
        assertThat(best(rule, losses(3, 2, 2.5, 2.1))).isEqualTo(2);
        assertThat(best(rule, losses(3, 2, 2.5, 1.9, 2))).isEqualTo(4);
    }

    @Test
    void anEqualLossIsNoImprovement() {
        assertThat(EarlyStopping.patience(1).stops(losses(2, 2))).isTrue();
        assertThat(best(EarlyStopping.patience(1), losses(2, 2))).isEqualTo(1);
    }

    @Test
    void lessThanTheMinimumDeltaDoesNotCount() {
        EarlyStopping rule = EarlyStopping.patience(2).minimumDelta(0.5);
        assertThat(rule.stops(losses(3, 2.75, 2.5))).isTrue();
        assertThat(best(rule, losses(3, 2.75, 2.5))).isEqualTo(1);
        assertThat(rule.stops(losses(3, 2.75, 2.4))).isFalse();
    }

    @Test
    void forAccuracyHigherIsBetter() {
        EarlyStopping rule = EarlyStopping.patience(1).monitor(Metric.VALIDATION_ACCURACY);
        TrainingHistory rising = TrainingHistory.of(List.of(record(1, 1, 1, 0.5), record(2, 1, 2, 0.75)));
        assertThat(rule.stops(rising)).isFalse();
        assertThat(best(rule, rising)).isEqualTo(2);
        assertThat(rule.stops(rising.with(record(3, 1, 0, 0.7)))).isTrue();
    }

    @Test
    void whatIsNotANumberIsNeverTheBest() {
        EarlyStopping rule = EarlyStopping.patience(2);
        assertThat(rule.best(losses(Double.NaN))).isEmpty();
        assertThat(best(rule, losses(Double.NaN, 5, Double.NaN))).isEqualTo(2);
        assertThat(rule.stops(losses(1, Double.NaN, Double.NaN))).isTrue();
        EpochRecord without = EpochRecord.builder(1).training(1, 1).build();
        assertThat(rule.best(TrainingHistory.empty().with(without))).isEmpty();
    }

    @Test
    void aPhaseBeginsAnew() {
        EarlyStopping rule = EarlyStopping.patience(1);
        TrainingHistory history = TrainingHistory.of(List.of(record(1, 1, 1, 0.5), record(2, 2, 3, 0.5)));
        assertThat(rule.stops(history)).isFalse();
        assertThat(best(rule, history)).isEqualTo(2);
    }

    @Test
    void itIsDecidedByTheFigureThatWasNamed() {
        EarlyStopping rule = EarlyStopping.patience(1).monitor(Metric.LOSS);
        assertThat(rule.metric()).isEqualTo(Metric.LOSS);
        assertThat(rule.stops(losses(1, 9, 9))).as("the training loss falls").isFalse();
        assertThat(EarlyStopping.patience(1).monitor(Metric.ACCURACY).stops(losses(1, 0)))
                .isTrue();
        assertThat(Metric.LOSS.needsValidation()).isFalse();
        assertThat(Metric.VALIDATION_LOSS.needsValidation()).isTrue();
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EarlyStopping.patience(0))
                .withMessageContaining("0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EarlyStopping.patience(1).minimumDelta(-0.5))
                .withMessageContaining("-0.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EarlyStopping.patience(1).minimumDelta(Double.NaN));
    }
}
