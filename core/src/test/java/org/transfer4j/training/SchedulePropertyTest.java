package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** What holds for every schedule, however long a training is. */
class SchedulePropertyTest {
    @Provide
    Arbitrary<Schedule> falling() {
        Arbitrary<Double> factors = Arbitraries.doubles().between(0.01, 0.99);
        Arbitrary<Integer> epochs = Arbitraries.integers().between(1, 9);
        return Arbitraries.oneOf(
                Arbitraries.just(Schedule.constant()),
                factors.map(Schedule::cosine),
                Combinators.combine(epochs, factors).as(Schedule::step),
                Combinators.combine(factors, epochs).as(Schedule::reduceOnPlateau));
    }

    @Provide
    Arbitrary<Schedule> any() {
        Arbitrary<Schedule> warmed = Combinators.combine(Arbitraries.integers().between(1, 9), falling())
                .as(Schedule::warmUp);
        return Arbitraries.oneOf(falling(), warmed, Arbitraries.just(Schedule.oneCycle()));
    }

    private static TrainingProgress at(long step, int stepsPerEpoch, int epochs) {
        List<Double> losses = Collections.nCopies(Math.toIntExact(Math.min(epochs, step / stepsPerEpoch)), 1.0);
        return new TrainingProgress(step, stepsPerEpoch, epochs, losses);
    }

    @Property(tries = 200)
    void noRateIsNegativeOrAboveTheHighest(
            @ForAll("any") Schedule schedule,
            @ForAll @DoubleRange(min = 0.01, max = 10) double highest,
            @ForAll @IntRange(min = 1, max = 50) int stepsPerEpoch,
            @ForAll @IntRange(min = 1, max = 20) int epochs) {
        for (long step = 0; step <= (long) stepsPerEpoch * epochs; step++) {
            assertThat(schedule.rate(highest, at(step, stepsPerEpoch, epochs))).isBetween(0.0, highest * (1 + 1e-12));
        }
    }

    @Property(tries = 200)
    void fallingOnesStartAtTheHighestAndNeverRise(
            @ForAll("falling") Schedule schedule,
            @ForAll @IntRange(min = 1, max = 50) int stepsPerEpoch,
            @ForAll @IntRange(min = 1, max = 20) int epochs) {
        double last = schedule.rate(0.5, at(0, stepsPerEpoch, epochs));
        assertThat(last).isEqualTo(0.5);
        for (long step = 1; step < (long) stepsPerEpoch * epochs; step++) {
            double rate = schedule.rate(0.5, at(step, stepsPerEpoch, epochs));
            assertThat(rate).isLessThanOrEqualTo(last);
            last = rate;
        }
    }

    /** No step of a cosine is steeper than pi / 2 divided by the steps of its half. */
    @Property(tries = 100)
    void cosinesDoNotJumpAndEndAtTheirMinimum(
            @ForAll @DoubleRange(min = 0, max = 0.99) double minimum,
            @ForAll @IntRange(min = 1, max = 50) int stepsPerEpoch,
            @ForAll @IntRange(min = 1, max = 20) int epochs) {
        long steps = (long) stepsPerEpoch * epochs;
        for (Schedule schedule : List.of(Schedule.cosine(minimum), Schedule.oneCycle())) {
            double steepest = Math.PI / 2 / steps * (schedule.rises() ? 4 : 1) + 1e-12;
            for (long step = 1; step <= steps; step++) {
                assertThat(schedule.rate(1, at(step, stepsPerEpoch, epochs)))
                        .isCloseTo(schedule.rate(1, at(step - 1, stepsPerEpoch, epochs)), within(steepest));
            }
        }
        assertThat(Schedule.cosine(minimum).rate(1, at(steps, stepsPerEpoch, epochs)))
                .isCloseTo(minimum, within(1e-12));
        assertThat(Schedule.oneCycle().rate(1, at(steps, stepsPerEpoch, epochs)))
                .isCloseTo(1e-5, within(1e-12));
    }
}
