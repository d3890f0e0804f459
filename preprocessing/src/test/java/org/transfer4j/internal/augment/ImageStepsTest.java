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
import org.transfer4j.internal.augment.ImageSteps.ColorJitter;
import org.transfer4j.internal.augment.ImageSteps.RandomErasing;
import org.transfer4j.internal.augment.ImageSteps.Rectangle;
import org.transfer4j.internal.image.TestImages;

class ImageStepsTest {
    private static int[] adjusted(Mat pixels, double brightness, double contrast) {
        try (pixels) {
            ColorJitter.adjust(pixels, brightness, contrast);
            return Pixels.of(pixels);
        }
    }

    @Test
    void brightnessMultipliesAndIsLimited() {
        assertThat(adjusted(Pixels.gray(1, 4, 0, 10, 101, 250), 1.2, 1)).containsExactly(0, 12, 121, 255);
        assertThat(adjusted(Pixels.gray(1, 2, 100, 200), 0, 1)).containsExactly(0, 0);
    }

    @Test
    void contrastMovesAwayFromTheMean() {
        assertThat(adjusted(Pixels.gray(1, 4, 0, 50, 150, 200), 1, 1.2)).containsExactly(0, 40, 160, 220);
        assertThat(adjusted(Pixels.gray(1, 4, 0, 50, 150, 200), 1, 0)).containsOnly(100);
    }

    /** The mean is 0.114 x 100 + 0.587 x 200 + 0.299 x 50 = 143.75. */
    @Test
    void theMeanOfColoursIsTheirLuminance() {
        Mat pixel = TestImages.mat(1, 1, 3, false, 100, 200, 50);
        assertThat(adjusted(pixel, 1, 0)).containsExactly(144, 144, 144);
        assertThat(adjusted(TestImages.mat(1, 1, 3, false, 100, 200, 50), 1, 0.5))
                .containsExactly(122, 172, 97);
    }

    /** 1.1 (100 + 1.5 (v - 100)). */
    @Test
    void bothAreOneStepWithOneRounding() {
        assertThat(adjusted(Pixels.gray(1, 2, 88, 112), 1.1, 1.5)).containsExactly(90, 130);
    }

    @Test
    void drawsFromTheWholeRangeAndNoFarther() {
        SplittableRandom random = new SplittableRandom(3);
        int least = 255;
        int most = 0;
        for (int i = 0; i < 300; i++) {
            try (Mat pixel = Pixels.gray(1, 1, 100)) {
                new ColorJitter(0.3, 0).apply(pixel, random);
                least = Math.min(least, Pixels.of(pixel)[0]);
                most = Math.max(most, Pixels.of(pixel)[0]);
            }
        }
        assertThat(least).isBetween(70, 72);
        assertThat(most).isBetween(128, 130);
    }

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
