package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.pixel.GoldenFiles;

/** Every way to a resized image against what OpenCV 4.6 made of the same pixels in Python. */
class GrayToRgbResizerGoldenTest {
    record Case(String name, int height, int width, int rows, long checksum, int differenceOfNewer) {
        INDArray input() {
            return GoldenFiles.array("resize/" + name + "_input.npy").castTo(DataType.INT32);
        }

        boolean gray() {
            return name.startsWith("gray");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() throws IOException {
        JsonNode cases = new JsonMapper().readTree(GoldenFiles.file("resize/resize.json"));
        return StreamSupport.stream(cases.spliterator(), false)
                .map(node -> new Case(
                        node.get("name").textValue(),
                        node.get("target").get(0).intValue(),
                        node.get("target").get(1).intValue(),
                        node.get("storedRows").intValue(),
                        node.get("crc32").longValue(),
                        node.get("cv2_5_0").get("maxDifference").intValue()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void arraysEqualPython(Case golden) {
        INDArray input = golden.input();
        INDArray images = golden.gray()
                ? input.reshape(1, 1, input.size(0), input.size(1))
                : input.permute(2, 0, 1).reshape(1, 3, input.size(0), input.size(1));

        INDArray resized = new GrayToRgbResizer(golden.height(), golden.width()).apply(images);

        assertThat(resized.shape()).containsExactly(1, 3, golden.height(), golden.width());
        assertEqualsPython(
                golden, resized.reshape(3L * golden.height() * golden.width()).toFloatVector());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matsEqualPython(Case golden) {
        try (Mat source = mat(golden);
                Mat resized = new GrayToRgbResizer(golden.height(), golden.width()).apply(source)) {
            assertThat(resized.type()).isEqualTo(opencv_core.CV_8UC3);
            byte[] bgr = new byte[3 * golden.height() * golden.width()];
            resized.data().get(bgr);
            assertEqualsPython(golden, planes(bgr));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void thePipelineEqualsPython(Case golden) {
        float[] planes = new float[3 * golden.height() * golden.width()];
        ImageConverter converter = new ImageConverter(golden.height(), golden.width(), ImagePreprocessing.none());
        try (Mat source = mat(golden)) {
            converter.convert(new DecodedImage.Bytes(source), "image", FloatBuffer.wrap(planes));
        }
        assertEqualsPython(golden, planes);
    }

    /** With equality to 4.6, what Python found between 4.6 and 5.0 is our distance from 5.0. */
    @ParameterizedTest
    @MethodSource("cases")
    void newerOpenCvIsWithinOne(Case golden) {
        assertThat(golden.differenceOfNewer()).isLessThanOrEqualTo(1);
    }

    private static void assertEqualsPython(Case golden, float[] planes) {
        int plane = golden.height() * golden.width();
        int channels = golden.gray() ? 1 : 3;
        int[] expected = GoldenFiles.array("resize/" + golden.name() + "_cv2_4_6.npy")
                .castTo(DataType.INT32)
                .reshape((long) golden.rows() * golden.width() * channels)
                .toIntVector();
        CRC32 checksum = new CRC32();
        for (int i = 0; i < plane; i++) {
            for (int c = 0; c < 3; c++) {
                int value = (int) planes[c * plane + i];
                assertThat((float) value).isEqualTo(planes[c * plane + i]);
                if (i < golden.rows() * golden.width()) {
                    assertThat(value).isEqualTo(expected[i * channels + c % channels]);
                }
                if (c < channels) {
                    checksum.update(value);
                }
            }
            if (channels == 1) {
                assertThat(planes[plane + i]).isEqualTo(planes[i]);
                assertThat(planes[2 * plane + i]).isEqualTo(planes[i]);
            }
        }
        assertThat(checksum.getValue()).isEqualTo(golden.checksum());
    }

    private static float[] planes(byte[] bgr) {
        int plane = bgr.length / 3;
        float[] planes = new float[bgr.length];
        for (int i = 0; i < plane; i++) {
            for (int c = 0; c < 3; c++) {
                planes[c * plane + i] = bgr[i * 3 + 2 - c] & 0xFF;
            }
        }
        return planes;
    }

    /** The input as OpenCV decodes an image: gray, or BGR. */
    private static Mat mat(Case golden) {
        INDArray input = golden.input();
        int channels = golden.gray() ? 1 : 3;
        int[] values = input.reshape(input.length()).toIntVector();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i - i % channels + channels - 1 - i % channels];
        }
        Mat mat = new Mat((int) input.size(0), (int) input.size(1), opencv_core.CV_8UC(channels));
        mat.data().put(bytes);
        return mat;
    }
}
