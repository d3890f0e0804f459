package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.testing.GoldenFiles;

class ScheduleTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("optimizers/optimizers.json");

    /** The rates of all steps of a training. */
    private static double[] rates(Schedule schedule, double highest, int stepsPerEpoch, int epochs) {
        return IntStream.range(0, stepsPerEpoch * epochs)
                .mapToDouble(
                        step -> schedule.rate(highest, new TrainingProgress(step, stepsPerEpoch, epochs, List.of())))
                .toArray();
    }

    @Test
    void aConstantRateStaysAsItIs() {
        assertThat(rates(Schedule.constant(), 0.3, 2, 2)).containsExactly(0.3, 0.3, 0.3, 0.3);
    }

    @Test
    void stepsFallEveryFewEpochs() {
        assertThat(rates(Schedule.step(2, 0.5), 0.8, 2, 5))
                .containsExactly(0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2);
    }

    @Test
    void cosineIsThatOfKeras() {
        double[] keras = numbers("cosine");
        assertThat(rates(Schedule.cosine(0.05), 0.3, 10, 3)).containsExactly(keras, within(1e-7));
    }

    /** fastai 2.7: combined_cos(0.25, lr / 25, lr, lr / 1e5) at 0, 1/8, 1/4, 5/8, by its formula. */
    @Test
    void oneCycleIsThatOfFastai() {
        double[] rates = rates(Schedule.oneCycle(), 1, 4, 4);
        assertThat(rates[0]).isCloseTo(0.04, within(1e-12));
        assertThat(rates[2]).isCloseTo(0.52, within(1e-12));
        assertThat(rates[4]).isEqualTo(1);
        assertThat(rates[10]).isCloseTo((1 + 1e-5) / 2, within(1e-12));
        assertThat(Schedule.oneCycle().rate(1, new TrainingProgress(16, 4, 4, List.of())))
                .isCloseTo(1e-5, within(1e-12));
    }

    @Test
    void aWarmUpRisesInEqualStepsToWhatFollows() {
        assertThat(rates(Schedule.warmUp(1, Schedule.step(1, 0.1)), 1, 4, 3))
                .containsExactly(new double[] {0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1}, within(1e-12));
        double[] cosine = rates(Schedule.cosine(), 1, 4, 2);
        double[] warmed = rates(Schedule.warmUp(1, Schedule.cosine()), 1, 4, 3);
        assertThat(Arrays.copyOfRange(warmed, 4, 12)).containsExactly(cosine);
    }

    @Test
    void plateausAreThoseOfKeras() {
        double[] losses = numbers("plateauLosses");
        Schedule schedule = Schedule.reduceOnPlateau(0.5, 2);
        double[] rates = IntStream.range(0, losses.length)
                .mapToDouble(epoch ->
                        schedule.rate(1, new TrainingProgress(3L * epoch, 3, losses.length, first(losses, epoch))))
                .toArray();
        assertThat(rates).containsExactly(numbers("plateau"));
    }

    @Test
    void aPlateauAfterAWarmUpSeesTheEpochsAfterIt() {
        Schedule schedule = Schedule.warmUp(2, Schedule.reduceOnPlateau(0.5, 1));
        assertThat(schedule.rate(1, new TrainingProgress(4, 1, 9, List.of(1.0, 1.0, 1.0, 1.0))))
                .isEqualTo(0.5);
        assertThat(schedule.rate(1, new TrainingProgress(3, 1, 9, List.of(1.0, 1.0, 1.0))))
                .isEqualTo(1);
    }

    /** NaN is no fall. */
    @Test
    void aLossThatIsNoNumberCountsAsNotLower() {
        assertThat(Schedule.reduceOnPlateau(0.1, 1).rate(1, new TrainingProgress(1, 1, 2, List.of(Double.NaN))))
                .isEqualTo(0.1);
    }

    private static List<Double> first(double[] losses, int count) {
        return IntStream.range(0, count).mapToObj(i -> losses[i]).toList();
    }

    private static double[] numbers(String name) {
        JsonNode array = GOLDEN.get(name);
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    @Test
    void aScheduleOfItsOwnLengthMustNotEndBeforeTheTraining() {
        Schedule schedule = Schedule.cosine().over(5);
        schedule.requireFits(5);
        schedule.requireFits(3);
        assertThat(rates(schedule, 1, 2, 3)).containsExactly(Arrays.copyOf(rates(Schedule.cosine(), 1, 2, 5), 6));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> schedule.requireFits(6))
                .withMessage("the schedule (cosine to 0.0) ends after 5 epochs, but the training has 6");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.warmUp(2, schedule).requireFits(8))
                .withMessageContaining("ends after 5 epochs, but the training has 6");
    }

    @Test
    void aWarmUpMustLeaveAnEpoch() {
        Schedule schedule = Schedule.warmUp(3, Schedule.cosine());
        schedule.requireFits(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> schedule.requireFits(3))
                .withMessage("the warm-up takes 3 epochs, but the training has 3: nothing is left for what follows"
                        + " (cosine to 0.0)");
        assertThatIllegalArgumentException().isThrownBy(() -> schedule.over(3));
    }

    @Test
    void aWarmUpIsNotFollowedByAnother() {
        for (Schedule rising :
                List.of(Schedule.oneCycle(), Schedule.oneCycle().over(9), Schedule.warmUp(1, Schedule.constant()))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Schedule.warmUp(2, rising))
                    .withMessage("a warm-up is followed by a schedule that starts at the whole learning rate, got "
                            + rising);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, Double.NaN})
    void aFactorIsBetweenZeroAndOne(double factor) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.step(1, factor))
                .withMessage("a schedule's factor is between 0 and 1, got " + factor);
        assertThatIllegalArgumentException().isThrownBy(() -> Schedule.reduceOnPlateau(factor, 3));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void aMinimumIsAFraction(double minimum) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.cosine(minimum))
                .withMessageEndingWith("at least 0 and less than 1, got " + minimum);
    }

    @Test
    void epochsArePositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.step(0, 0.5))
                .withMessageContaining("got 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Schedule.warmUp(0, Schedule.constant()));
        assertThatIllegalArgumentException().isThrownBy(() -> Schedule.reduceOnPlateau(0.5, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Schedule.cosine().over(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TrainingProgress(-1, 1, 1, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new TrainingProgress(0, 0, 1, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new TrainingProgress(0, 1, 0, List.of()));
    }

    @Test
    void theyReadWell() {
        assertThat(Schedule.warmUp(2, Schedule.cosine(0.1)).over(9))
                .hasToString("warm-up of 2 epochs, then cosine to 0.1 over 9 epochs");
        assertThat(Schedule.step(3, 0.5)).hasToString("times 0.5 every 3 epochs");
        assertThat(Schedule.reduceOnPlateau(0.5, 3)).hasToString("times 0.5 after 3 epochs without a lower loss");
        assertThat(Schedule.constant()).hasToString("constant");
        assertThat(Schedule.oneCycle()).hasToString("one cycle");
    }
}
