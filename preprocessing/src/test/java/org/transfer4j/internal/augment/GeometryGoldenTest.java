package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.internal.augment.Geometry.Part.WHOLE;

import java.util.stream.Stream;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.image.TestImages;
import org.transfer4j.internal.pixel.BilinearResize;
import org.transfer4j.internal.pixel.GoldenFiles;

/** Against OpenCV in Python; warp_golden.py says how the files were made. */
class GeometryGoldenTest {
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

    /** The sides invert different matrices, so that places differ by rounding, to 1/32 of a pixel. */
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
}
