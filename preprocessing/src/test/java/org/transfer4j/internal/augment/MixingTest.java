package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.internal.augment.ImageSteps.Rectangle;
import org.transfer4j.internal.augment.Mixing.Mixture;

class MixingTest {
    /** Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2a + 1)). */
    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.2, 1, 5, 100})
    void sharesHaveTheMomentsOfBeta(double alpha) {
        SplittableRandom random = new SplittableRandom(1);
        double[] shares = IntStream.range(0, 20_000)
                .mapToDouble(i -> Mixing.beta(random, alpha))
                .toArray();
        double mean = 0;
        double square = 0;
        for (double share : shares) {
            assertThat(share).isBetween(0.0, 1.0);
            mean += share / shares.length;
            square += (share - 0.5) * (share - 0.5) / shares.length;
        }
        double variance = 1 / (4 * (2 * alpha + 1));
        assertThat(mean).isCloseTo(0.5, within(5 * Math.sqrt(variance / shares.length)));
        assertThat(square).isCloseTo(variance, within(0.04 * variance));
    }

    @Test
    void mixUpIsTheWeightedMean() {
        float[] own = {0, 10, 20, 30, 40, 50};
        Mixture.blend(0, 0.75).apply(own, new float[] {100, 10, 0, 30, 80, 50}, 2);
        assertThat(own).containsExactly(25, 10, 15, 30, 50, 50);
    }

    @Test
    void cutMixPastesARectangleIntoEveryPlane() {
        float[] own = new float[3 * 2 * 3];
        float[] other = new float[own.length];
        for (int i = 0; i < other.length; i++) {
            other[i] = i + 1;
        }
        Mixture mixture = Mixture.cut(0, new Rectangle(1, 1, 1, 2), 2, 3);
        mixture.apply(own, other, 3);
        assertThat(own).containsExactly(0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 11, 12, 0, 0, 0, 0, 17, 18);
        assertThat(mixture.weight()).isCloseTo(2 / 3.0, within(1e-12));
    }

    /** What is pasted is counted: the weight is the share of pixels that stay. */
    @Property(tries = 200)
    void theWeightIsTheShareOfPixels(
            @ForAll @IntRange(min = 1, max = 30) int height,
            @ForAll @IntRange(min = 1, max = 30) int width,
            @ForAll @DoubleRange(min = 0.1, max = 5) double alpha,
            @ForAll long seed) {
        Mixture mixture = new Mixing(0, alpha)
                .draw(new SplittableRandom(seed), 7, height, width)
                .orElseThrow();
        float[] own = new float[3 * height * width];
        float[] other = new float[own.length];
        Arrays.fill(other, 1);
        mixture.apply(own, other, width);
        double pasted = 0;
        for (float value : own) {
            pasted += value;
        }
        assertThat(1 - pasted / own.length).isCloseTo(mixture.weight(), within(1e-9));
        assertThat(mixture.partner()).isBetween(0, 6);
    }

    @Test
    void nothingIsDrawnWhereNothingIsMixed() {
        SplittableRandom random = new SplittableRandom(4);
        assertThat(Mixing.NONE.draw(random, 9, 8, 8)).isEmpty();
        assertThat(random.nextLong()).isEqualTo(new SplittableRandom(4).nextLong());
    }

    @Test
    void aCoinDecidesBetweenTheTwo() {
        SplittableRandom random = new SplittableRandom(5);
        int blended = 0;
        for (int i = 0; i < 1000; i++) {
            float[] own = new float[3 * 64];
            float[] other = new float[own.length];
            Arrays.fill(other, 1);
            Mixture mixture = new Mixing(1, 1).draw(random, 2, 8, 8).orElseThrow();
            mixture.apply(own, other, 8);
            boolean whole = IntStream.range(0, own.length).allMatch(j -> own[j] == 0 || own[j] == 1);
            blended += whole ? 0 : 1;
        }
        assertThat(blended).isBetween(440, 560);
    }

    /** Then one of two images has all: no share is no number, however small alpha is. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.MIN_VALUE, 1e-310, 1e-300, 1e-10})
    void ofATinyAlphaSharesAreZeroOrOne(double alpha) {
        SplittableRandom random = new SplittableRandom(5);
        assertThat(IntStream.range(0, 200)
                        .mapToObj(i -> Mixing.beta(random, alpha))
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(0.0, 1.0);
        for (Mixing mixing : List.of(new Mixing(alpha, 0), new Mixing(0, alpha))) {
            assertThat(IntStream.range(0, 50)
                            .mapToObj(i -> mixing.draw(random, 9, 8, 8).orElseThrow()))
                    .allSatisfy(mixture -> assertThat(mixture.weight()).isBetween(0.0, 1.0));
        }
    }
}
