package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.internal.augment.Geometry.Part.WHOLE;

import java.util.DoubleSummaryStatistics;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.image.TestImages;
import org.transfer4j.internal.pixel.BilinearResize;
import org.transfer4j.internal.pixel.GoldenFiles;

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

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("turned", opencv_core.BORDER_REFLECT_101, new Geometry(WHOLE, false, false, 15, 1, 0, 0)),
                Arguments.of(
                        "all_steps",
                        opencv_core.BORDER_REFLECT_101,
                        new Geometry(WHOLE, true, true, -25, 0.9, 3.5, -2.25)),
                Arguments.of(
                        "smaller", opencv_core.BORDER_REPLICATE, new Geometry(WHOLE, true, false, 10, 1.1, -1.5, 2)),
                Arguments.of("larger", opencv_core.BORDER_CONSTANT, new Geometry(WHOLE, false, true, 30, 0.8, 4, 5.5)));
    }

    /**
     * Against OpenCV in Python; warp_golden.py says how the files were made. The sides invert different matrices, so that places differ
     * by rounding, to 1/32 of a pixel.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void oneWarpDoesWhatOpenCvDoes(String name, int border, Geometry geometry) {
        INDArray input = GoldenFiles.array("warp/input.npy");
        INDArray golden = GoldenFiles.array("warp/" + name + ".npy");
        int[] expected = golden.reshape(golden.length()).toIntVector();
        int[] actual;
        try (Mat image = TestImages.mat(
                        40, 60, 3, false, input.reshape(input.length()).toIntVector());
                Mat result =
                        geometry.apply(image, new BilinearResize((int) golden.size(0), (int) golden.size(1)), border)) {
            actual = Pixels.of(result);
        }
        int different = 0;
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("value %d", i).isBetween(expected[i] - 2, expected[i] + 2);
            different += actual[i] == expected[i] ? 0 : 1;
        }
        assertThat(different).isLessThanOrEqualTo(expected.length / 100);
    }

    @Property(tries = 200)
    void staysWithinTheRange(
            @ForAll @DoubleRange(min = 0, max = 180) double degrees,
            @ForAll @DoubleRange(min = 0, max = 1) double translation,
            @ForAll @DoubleRange(min = 0.5, max = 1) double smallest,
            @ForAll @IntRange(min = 0, max = 9) int padding,
            @ForAll long seed) {
        Geometry drawn = new Geometry.Range(1, true, true, degrees, translation, smallest, 1.5, padding)
                .draw(new SplittableRandom(seed), 2, 20, 40);
        assertThat(drawn.degrees()).isBetween(-degrees, degrees);
        assertThat(drawn.zoom()).isBetween(smallest, 1.5);
        assertThat(Math.abs(drawn.shiftY())).isLessThanOrEqualTo(20 * translation + padding);
        assertThat(Math.abs(drawn.shiftX())).isLessThanOrEqualTo(40 * translation + padding);
    }

    @Test
    void drawsNothingWhereNothingIsChosen() {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(Geometry.Range.NONE.draw(random, 2, 20, 40).isIdentity()).isTrue();
        assertThat(random.nextLong()).isEqualTo(new SplittableRandom(1).nextLong());
    }

    @Test
    void cropsDrawEveryWholeShiftEquallyOften() {
        int[] seen = new int[9];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 9000; i++) {
            Geometry drawn = Geometry.Range.NONE.withPadding(4).draw(random, 1, 32, 32);
            assertThat(drawn.isWholePixels()).isTrue();
            seen[(int) drawn.shiftX() + 4]++;
        }
        for (int count : seen) {
            assertThat(count).isBetween(850, 1150);
        }
    }

    @Test
    void flipsHalfOfTheImages() {
        SplittableRandom random = new SplittableRandom(3);
        int mirrored = 0;
        int upsideDown = 0;
        for (int i = 0; i < 1000; i++) {
            mirrored += Geometry.Range.NONE
                            .withHorizontalFlip()
                            .draw(random, 1, 9, 9)
                            .mirrored()
                    ? 1
                    : 0;
            upsideDown +=
                    Geometry.Range.NONE.withVerticalFlip().draw(random, 1, 9, 9).upsideDown() ? 1 : 0;
        }
        assertThat(mirrored).isBetween(440, 560);
        assertThat(upsideDown).isBetween(440, 560);
    }

    @Property(tries = 200)
    void partsLieInsideAndAreNeitherSmallNorLong(
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double smallestArea,
            @ForAll @DoubleRange(min = 0.1, max = 10) double imageRatio,
            @ForAll long seed) {
        Geometry.Part part = Geometry.Range.NONE
                .withSmallestArea(smallestArea)
                .draw(new SplittableRandom(seed), imageRatio, 32, 32)
                .part();
        assertThat(part.x()).isGreaterThanOrEqualTo(0);
        assertThat(part.y()).isGreaterThanOrEqualTo(0);
        assertThat(part.x() + part.width()).isLessThanOrEqualTo(1 + 1e-12);
        assertThat(part.y() + part.height()).isLessThanOrEqualTo(1 + 1e-12);
        double ratio = part.width() / part.height() * imageRatio;
        assertThat(ratio).isBetween(0.75 - 1e-9, 4.0 / 3 + 1e-9);
        // of a strip no part is both large and not too long: then it is the largest that is not
        double largest = Math.min(1, Math.min(4.0 / 3 / imageRatio, 4.0 / 3 * imageRatio));
        assertThat(part.width() * part.height()).isGreaterThanOrEqualTo(Math.min(smallestArea, largest) - 1e-9);
    }

    @Test
    void partsOfASquareHaveAreasAndRatiosFromTheWholeRange() {
        SplittableRandom random = new SplittableRandom(4);
        DoubleSummaryStatistics area = new DoubleSummaryStatistics();
        DoubleSummaryStatistics ratio = new DoubleSummaryStatistics();
        for (int i = 0; i < 4000; i++) {
            Geometry.Part part = Geometry.Range.NONE
                    .withSmallestArea(0.1)
                    .draw(random, 1, 64, 64)
                    .part();
            area.accept(part.width() * part.height());
            ratio.accept(Math.log(part.width() / part.height()));
        }
        assertThat(area.getMin()).isLessThan(0.11);
        assertThat(area.getMax()).isGreaterThan(0.95);
        // even from 0.1 to 0.75, beyond that long parts of the full area do not fit
        assertThat(area.getAverage()).isBetween(0.45, 0.56);
        assertThat(ratio.getMin()).isBetween(-Math.log(4.0 / 3), -0.27);
        assertThat(ratio.getMax()).isBetween(0.27, Math.log(4.0 / 3));
        assertThat(ratio.getAverage()).isBetween(-0.02, 0.02);
    }
}
