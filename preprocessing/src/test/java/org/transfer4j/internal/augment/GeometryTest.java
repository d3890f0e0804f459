package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.internal.augment.Geometry.Part.WHOLE;

import java.util.SplittableRandom;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.internal.pixel.BilinearResize;

class GeometryTest {
    private static final Geometry STILL = new Geometry(WHOLE, false, false, 0, 1, 0, 0);

    private static int[] warped(Mat pixels, int height, int width, int border, Geometry geometry) {
        try (pixels;
                Mat result = geometry.apply(pixels, new BilinearResize(height, width), border)) {
            assertThat(result.rows()).isEqualTo(height);
            assertThat(result.cols()).isEqualTo(width);
            return Pixels.of(result);
        }
    }

    private static int[] warped(int border, Geometry geometry) {
        return warped(Pixels.gray(2, 4, 1, 2, 3, 4, 5, 6, 7, 8), 2, 4, border, geometry);
    }

    @Test
    void flips() {
        int border = opencv_core.BORDER_CONSTANT;
        assertThat(warped(border, new Geometry(WHOLE, true, false, 0, 1, 0, 0)))
                .containsExactly(4, 3, 2, 1, 8, 7, 6, 5);
        assertThat(warped(border, new Geometry(WHOLE, false, true, 0, 1, 0, 0)))
                .containsExactly(5, 6, 7, 8, 1, 2, 3, 4);
        assertThat(warped(border, new Geometry(WHOLE, true, true, 0, 1, 0, 0))).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
    }

    @Test
    void shiftsToTheRightAndDownAndFillsTheBorder() {
        Geometry right = new Geometry(WHOLE, false, false, 0, 1, 2, 0);
        assertThat(warped(opencv_core.BORDER_CONSTANT, right)).containsExactly(0, 0, 1, 2, 0, 0, 5, 6);
        assertThat(warped(opencv_core.BORDER_REPLICATE, right)).containsExactly(1, 1, 1, 2, 5, 5, 5, 6);
        assertThat(warped(opencv_core.BORDER_REFLECT_101, right)).containsExactly(3, 2, 1, 2, 7, 6, 5, 6);
        assertThat(warped(opencv_core.BORDER_CONSTANT, new Geometry(WHOLE, false, false, 0, 1, -1, 1)))
                .containsExactly(0, 0, 0, 0, 2, 3, 4, 0);
    }

    @Test
    void mirrorsFirstAndShiftsThen() {
        assertThat(warped(opencv_core.BORDER_CONSTANT, new Geometry(WHOLE, true, false, 0, 1, 1, 0)))
                .containsExactly(0, 4, 3, 2, 0, 8, 7, 6);
    }

    @Test
    void aPartIsTakenForTheWholeBeforeAllElse() {
        Mat pixels = Pixels.gray(2, 4, 1, 2, 3, 4, 5, 6, 7, 8);
        Geometry.Part right = new Geometry.Part(0.5, 0, 0.5, 1);
        assertThat(warped(pixels, 2, 2, opencv_core.BORDER_CONSTANT, new Geometry(right, true, false, 0, 1, 0, 0)))
                .containsExactly(4, 3, 8, 7);
        Geometry.Part lowerLeft = new Geometry.Part(0, 0.5, 0.5, 0.5);
        assertThat(warped(
                        Pixels.gray(2, 4, 10, 20, 30, 40, 50, 60, 70, 80),
                        1,
                        4,
                        opencv_core.BORDER_REPLICATE,
                        new Geometry(lowerLeft, false, false, 0, 1, 0, 0)))
                // between the two pixels' centres, which lie at 0.5 and 2.5, and the next one to the right
                .containsExactly(50, 53, 58, 63);
    }

    @Test
    void halfAPixelIsTheMeanOfTwo() {
        int[] result = warped(
                Pixels.gray(1, 4, 0, 100, 200, 50),
                1,
                4,
                opencv_core.BORDER_REPLICATE,
                new Geometry(WHOLE, false, false, 0, 1, 0.5, 0));
        assertThat(result).containsExactly(0, 50, 150, 125);
    }

    @Test
    void turnsCounterClockwise() {
        int[] quarter = warped(
                Pixels.gray(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9),
                3,
                3,
                opencv_core.BORDER_REPLICATE,
                new Geometry(WHOLE, false, false, 90, 1, 0, 0));
        assertThat(quarter).containsExactly(3, 6, 9, 2, 5, 8, 1, 4, 7);
    }

    @Test
    void zoomAboveOneEnlargesTheMiddle() {
        int[] enlarged = warped(
                Pixels.gray(1, 5, 0, 10, 20, 30, 40),
                1,
                5,
                opencv_core.BORDER_REPLICATE,
                new Geometry(WHOLE, false, false, 0, 2, 0, 0));
        assertThat(enlarged).containsExactly(10, 15, 20, 25, 30);
    }

    @ParameterizedTest
    @CsvSource({"28, 28, 1", "31, 47, 3", "48, 48, 3"})
    void whatDoesNotMoveIsResizedAsWithoutAugmentation(int height, int width, int channels) {
        Mat pixels = Pixels.noise(height, width, channels, new SplittableRandom(1));
        int[] expected;
        try (Mat resized = new BilinearResize(48, 48).resize(pixels)) {
            expected = Pixels.of(resized);
        }
        assertThat(warped(pixels, 48, 48, opencv_core.BORDER_REFLECT_101, STILL))
                .containsExactly(expected);
    }

    @Test
    void whatMovesByWholePixelsKeepsThePixelsOfTheResizedImage() {
        Mat pixels = Pixels.noise(10, 12, 1, new SplittableRandom(2));
        int[] resized;
        try (Mat result = new BilinearResize(5, 6).resize(pixels)) {
            resized = Pixels.of(result);
        }
        int[] shifted =
                warped(pixels, 5, 6, opencv_core.BORDER_CONSTANT, new Geometry(WHOLE, false, false, 0, 1, 0, 1));
        int[] expected = new int[30];
        System.arraycopy(resized, 0, expected, 6, 24);
        assertThat(shifted).containsExactly(expected);
    }

    @Test
    void imagesLongerThanOpenCvCanWarpAreResizedFirst() {
        Mat pixels = new Mat(2, 40_000, opencv_core.CV_8UC1, new Scalar(7));
        assertThat(warped(pixels, 3, 4, opencv_core.BORDER_REFLECT_101, new Geometry(WHOLE, true, false, 5, 1.1, 0, 0)))
                .containsOnly(7);
    }
}
