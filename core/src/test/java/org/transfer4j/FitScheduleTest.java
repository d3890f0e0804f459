package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.transfer4j.backbone.Weights;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.LearningRateCurve;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Schedule;

/** Schedules, optimizers and the learning rate finder through the public face. */
class FitScheduleTest {
    private static final TransferLearner LEARNER = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(4)
            .epochs(4);

    private static List<Double> rates(TransferLearner learner) {
        try (ImageClassifier classifier = learner.fit(Pictures.dataset(8))) {
            return classifier.history().epochs().stream()
                    .map(EpochRecord::learningRate)
                    .toList();
        }
    }

    @Test
    void eachStepHasTheRateOfItsSchedule() {
        Schedule schedule = Schedule.warmUp(1, Schedule.step(1, 0.5));
        List<Double> rates = rates(LEARNER.optimizer(Optimizer.adam(0.01).schedule(schedule)));
        assertThat(rates).containsExactly(0.01, 0.01, 0.005, 0.0025);
    }

    /** With a rate of nearly nothing no loss falls by 1e-4. */
    @Test
    void aPlateauIsSeen() {
        Optimizer optimizer = Optimizer.sgd(1e-12).schedule(Schedule.reduceOnPlateau(0.5, 1));
        assertThat(rates(LEARNER.optimizer(optimizer).validation(Pictures.dataset(6))))
                .containsExactly(1e-12, 1e-12, 5e-13, 2.5e-13);
        assertThat(rates(LEARNER.optimizer(optimizer))).containsExactly(1e-12, 1e-12, 5e-13, 2.5e-13);
    }

    @Test
    void aScheduleThatEndsTooSoonIsRefusedBeforeAnyWork() {
        List<Long> passes = new ArrayList<>();
        TransferLearner learner = LEARNER.optimizer(
                        Optimizer.sgd(0.1).schedule(Schedule.oneCycle().over(3)))
                .listener(new FitListener() {
                    @Override
                    public void featuresStarted(long images) {
                        passes.add(images);
                    }
                });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.fit(Pictures.dataset(8)))
                .withMessage("the schedule (one cycle) ends after 3 epochs, but the training has 4");
        assertThat(passes).isEmpty();
    }

    static Stream<Optimizer> optimizers() {
        return Stream.of(
                Optimizer.sgd(0.01).momentum(0.9).clipNorm(1).schedule(Schedule.oneCycle()),
                Optimizer.adamW(0.01).clipValue(0.1),
                Optimizer.rmsProp(0.001).weightDecay(0.01));
    }

    /** Frozen on our trainer, then all of it on DL4J. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void aClassifierIsSavedWhateverTrainedItAndTheSameBitsComeOut(Optimizer optimizer, @TempDir Path folder) {
        TransferLearner frozen =
                LEARNER.optimizer(optimizer).epochs(2).loss(Loss.focal(2).labelSmoothing(0.1));
        for (TransferLearner learner : List.of(frozen, frozen.unfreezeAll())) {
            Path file = folder.resolve("model.t4j");
            try (ImageClassifier one = learner.fit(Pictures.dataset(8));
                    ImageClassifier other = learner.fit(Pictures.dataset(8))) {
                assertThat(one.history().withoutTiming())
                        .isEqualTo(other.history().withoutTiming());
                assertThat(one.toComputationGraph().params())
                        .isEqualTo(other.toComputationGraph().params());
                one.save(file);
                try (ImageClassifier loaded = ImageClassifier.load(file)) {
                    assertThat(loaded.predict(Pictures.image(3)).probability())
                            .isEqualTo(one.predict(Pictures.image(3)).probability());
                }
            }
        }
    }

    @Test
    void theFinderGoesThroughTheRatesAndLeavesTheLearnerAsItIs() {
        TransferLearner learner =
                LEARNER.optimizer(Optimizer.sgd(0.1).momentum(0.9).schedule(Schedule.oneCycle()));
        LearningRateCurve curve = learner.learningRateFinder(Pictures.dataset(16));

        assertThat(curve.rates()).hasSameSizeAs(curve.losses()).hasSizeBetween(20, 100);
        assertThat(curve.rates().get(0)).isEqualTo(1e-7);
        assertThat(curve.rates().get(1) / curve.rates().get(0)).isCloseTo(Math.pow(1e8, 1 / 99.0), within(1e-9));
        assertThat(curve.losses()).allMatch(Double::isFinite);
        assertThat(curve.suggestion()).isBetween(1e-6, 1.0);
        LearningRateCurve again = learner.learningRateFinder(Pictures.dataset(16));
        assertThat(again.losses()).isEqualTo(curve.losses());
        assertThat(rates(LEARNER.optimizer(Optimizer.adamW(curve.suggestion()))))
                .hasSize(4);
    }

    @Test
    void theFinderNeedsARate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LEARNER.optimizer(new AdaDelta()).learningRateFinder(Pictures.dataset(8)))
                .withMessageContaining("has no learning rate to look for");
    }
}
