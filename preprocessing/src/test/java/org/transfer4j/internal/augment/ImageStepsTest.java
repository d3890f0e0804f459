package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.augment.ImageSteps.ColorJitter;
import org.transfer4j.internal.image.TestImages;

class ColorJitterTest {
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
}
