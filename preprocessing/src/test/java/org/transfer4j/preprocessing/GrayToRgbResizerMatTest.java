package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.error.ImageException;

class GrayToRgbResizerMatTest {
    private final GrayToRgbResizer resizer = new GrayToRgbResizer(6, 5);

    @Test
    void grayBecomesThreeEqualChannels() {
        try (Mat gray = new Mat(3, 2, opencv_core.CV_8UC1, new Scalar(200));
                Mat result = resizer.apply(gray)) {
            assertThat(result.type()).isEqualTo(opencv_core.CV_8UC3);
            assertThat(result.rows()).isEqualTo(6);
            assertThat(result.cols()).isEqualTo(5);
            assertThat(bytes(result)).hasSize(90).containsOnly(200);
            assertThat(gray.channels()).isOne();
        }
    }

    @Test
    void blueGreenAndRedStayInPlace() {
        try (Mat color = new Mat(6, 5, opencv_core.CV_8UC3, new Scalar(1, 2, 3, 0));
                Mat result = resizer.apply(color)) {
            assertThat(result.data().address()).isNotEqualTo(color.data().address());
            assertThat(bytes(result)).startsWith(1, 2, 3, 1, 2, 3);
        }
    }

    @Test
    void aPartOfAnotherImageIsRead() {
        try (Mat all = new Mat(20, 20, opencv_core.CV_8UC1, new Scalar(10));
                Rect place = new Rect(5, 5, 4, 4);
                Mat part = new Mat(all, place)) {
            part.put(new Scalar(77));
            try (Mat result = resizer.apply(part)) {
                assertThat(bytes(result)).containsOnly(77);
            }
        }
    }

    static IntStream otherTypes() {
        return IntStream.of(opencv_core.CV_16UC1, opencv_core.CV_32FC3, opencv_core.CV_64FC1, opencv_core.CV_8SC1);
    }

    @ParameterizedTest
    @MethodSource("otherTypes")
    void otherTypesAreRefused(int type) {
        try (Mat other = new Mat(3, 2, type, new Scalar(1))) {
            assertThatThrownBy(() -> resizer.apply(other))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("CV_8UC1 or CV_8UC3")
                    .hasMessageNotContaining("null");
        }
    }

    @Test
    void alphaIsRefused() {
        try (Mat alpha = new Mat(3, 2, opencv_core.CV_8UC4, new Scalar(1))) {
            assertThatThrownBy(() -> resizer.apply(alpha))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("CV_8U of 4 channels");
        }
    }

    @Test
    void whatHoldsNoImageIsRefused() {
        try (Mat empty = new Mat();
                Mat cube = new Mat(new int[] {2, 3, 4}, opencv_core.CV_8UC1)) {
            assertThatThrownBy(() -> resizer.apply(empty))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("imread");
            assertThatThrownBy(() -> resizer.apply(cube))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("two dimensions");
        }
        Mat closed = new Mat(3, 2, opencv_core.CV_8UC1);
        closed.close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply(closed))
                .withMessageContaining("closed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply((Mat) null))
                .withMessageContaining("null");
    }

    private static int[] bytes(Mat mat) {
        byte[] bytes = new byte[mat.rows() * mat.cols() * mat.channels()];
        mat.data().get(bytes);
        int[] values = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i] & 0xFF;
        }
        return values;
    }
}
