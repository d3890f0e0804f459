package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.augment.ImageSteps.RandomErasing;
import org.transfer4j.internal.augment.ImageSteps.Rectangle;

class RandomErasingTest {
    @Property(tries = 200)
    void rectanglesLieInsideAndHaveThePapersProportions(
            @ForAll @IntRange(min = 24, max = 300) int rows,
            @ForAll @IntRange(min = 24, max = 300) int columns,
            @ForAll long seed) {
        Optional<Rectangle> drawn = RandomErasing.rectangle(rows, columns, new SplittableRandom(seed));
        // in a narrow strip most of the paper's rectangles do not fit, and now and then none of those drawn does
        if (drawn.isEmpty()) {
            assertThat((double) Math.max(rows, columns) / Math.min(rows, columns))
                    .as("%d x %d", rows, columns)
                    .isGreaterThan(3);
            return;
        }
        Rectangle part = drawn.orElseThrow();
        assertThat(part.top()).isBetween(0, rows - part.height());
        assertThat(part.left()).isBetween(0, columns - part.width());
        // a length of h pixels stands for anything from h - 0.5 to h + 0.5
        double smallest = (part.height() - 0.5) * (part.width() - 0.5);
        double largest = (part.height() + 0.5) * (part.width() + 0.5);
        assertThat(largest).isGreaterThanOrEqualTo(0.02 * rows * columns);
        assertThat(smallest).isLessThanOrEqualTo(0.4 * rows * columns);
        assertThat((part.height() + 0.5) / (part.width() - 0.5)).isGreaterThanOrEqualTo(0.3);
        assertThat((part.height() - 0.5) / (part.width() + 0.5)).isLessThanOrEqualTo(1 / 0.3);
    }

    @Test
    void noiseCoversOneRectangleAndNothingElse() {
        int[] black = new int[40 * 50];
        try (Mat pixels = Pixels.gray(40, 50, black)) {
            new RandomErasing(1).apply(pixels, new SplittableRandom(5));
            int[] values = Pixels.of(pixels);
            int[] changed = IntStream.range(0, values.length)
                    .filter(i -> values[i] != 0)
                    .toArray();
            int top = Arrays.stream(changed).map(i -> i / 50).min().orElseThrow();
            int bottom = Arrays.stream(changed).map(i -> i / 50).max().orElseThrow();
            int left = Arrays.stream(changed).map(i -> i % 50).min().orElseThrow();
            int right = Arrays.stream(changed).map(i -> i % 50).max().orElseThrow();
            int area = (bottom - top + 1) * (right - left + 1);
            assertThat(area).isBetween(40, 820);
            // of noise, one value in 256 is black
            assertThat(changed.length).isGreaterThan(area * 95 / 100);
            assertThat(Arrays.stream(changed).map(i -> values[i]).average().orElseThrow())
                    .isBetween(108.0, 148.0);
        }
    }

    @Test
    void asManyImagesLoseOneAsTheProbabilitySays() {
        SplittableRandom random = new SplittableRandom(6);
        int erased = 0;
        for (int i = 0; i < 1000; i++) {
            try (Mat pixels = Pixels.gray(8, 8, new int[64])) {
                new RandomErasing(0.25).apply(pixels, random);
                erased += Arrays.stream(Pixels.of(pixels)).anyMatch(value -> value != 0) ? 1 : 0;
            }
        }
        assertThat(erased).isBetween(200, 300);
    }
}
