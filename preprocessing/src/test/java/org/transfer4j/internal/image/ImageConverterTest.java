package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ImageException;
import org.transfer4j.preprocessing.GrayToRgbResizer;
import org.transfer4j.preprocessing.ImagePreprocessing;

class ImageConverterTest {
    /** [C, 5, 4], whole numbers. */
    private static INDArray image(int channels) {
        return Nd4j.arange(channels * 20)
                .muli(17)
                .fmodi(256)
                .castTo(DataType.FLOAT)
                .reshape(channels, 5, 4);
    }

    private static float[] convert(ImagePreprocessing preprocessing, DecodedImage image) {
        float[] planes = new float[3 * 7 * 6];
        new ImageConverter(7, 6, preprocessing).convert(image, "image", FloatBuffer.wrap(planes));
        return planes;
    }

    private static float[] convert(ImagePreprocessing preprocessing, INDArray image) {
        return convert(preprocessing, new DecodedImage.Floats(image));
    }

    /** The same image as OpenCV decodes it. */
    private static Mat mat(INDArray image) {
        int channels = (int) image.size(0);
        Mat mat = new Mat(5, 4, opencv_core.CV_8UC(channels));
        byte[] bytes = new byte[channels * 20];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < 20; i++) {
                bytes[i * channels + channels - 1 - c] = (byte) image.getInt(c, i / 4, i % 4);
            }
        }
        mat.data().put(bytes);
        return mat;
    }

    static Stream<ImagePreprocessing> modes() {
        return Stream.of(
                ImagePreprocessing.unit(),
                ImagePreprocessing.tf(),
                ImagePreprocessing.torch(),
                ImagePreprocessing.caffe(),
                ImagePreprocessing.standardized(new float[] {0.1f, 0.2f, 0.3f}, new float[] {1f, 2f, 3f}));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void itIsTheResizerThenThePreprocessing(ImagePreprocessing preprocessing) {
        for (int channels : new int[] {1, 3}) {
            INDArray image = image(channels);
            INDArray resized = new GrayToRgbResizer(7, 6).apply(image.reshape(1, channels, 5, 4));
            float[] expected = preprocessing.apply(resized).reshape(126).toFloatVector();

            assertThat(convert(preprocessing, image)).containsExactly(expected);
            try (Mat mat = mat(image)) {
                assertThat(convert(preprocessing, new DecodedImage.Bytes(mat))).containsExactly(expected);
            }
        }
    }

    @Test
    void bytesAreResizedAsBytesUnderNone() {
        INDArray image = image(3);
        INDArray resized = new GrayToRgbResizer(7, 6).apply(image.reshape(1, 3, 5, 4));
        try (Mat mat = mat(image)) {
            assertThat(convert(ImagePreprocessing.none(), new DecodedImage.Bytes(mat)))
                    .containsExactly(resized.reshape(126).toFloatVector());
        }
    }

    @Test
    void floatsAreResizedAsFloatsUnderNone() {
        INDArray row = Nd4j.createFromArray(-2f, 0.4f).reshape(1, 1, 2);
        float[] planes = new float[12];
        new ImageConverter(1, 4, ImagePreprocessing.none())
                .convert(new DecodedImage.Floats(row), "image", FloatBuffer.wrap(planes));
        float[] expected = {-2f, -1.4f, -0.2f, 0.4f};
        for (int i = 0; i < 12; i++) {
            assertThat(planes[i]).isCloseTo(expected[i % 4], within(1e-6f));
        }
    }

    @Test
    void threeFloatPlanesStayApartUnderNone() {
        INDArray rgb = Nd4j.createFromArray(0.1f, 0.2f, 0.3f).reshape(3, 1, 1);
        float[] planes = convert(ImagePreprocessing.none(), rgb);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 42; i++) {
                assertThat(planes[c * 42 + i]).isCloseTo(rgb.getFloat(c, 0, 0), within(1e-6f));
            }
        }
    }

    @Test
    void theImageLandsAtTheTargetsPosition() {
        FloatBuffer direct = ByteBuffer.allocateDirect(4 * 400)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        direct.position(100);
        new ImageConverter(7, 6, ImagePreprocessing.unit()).convert(new DecodedImage.Floats(image(3)), "image", direct);

        assertThat(direct.position()).isEqualTo(226);
        float[] written = new float[126];
        direct.get(100, written);
        assertThat(written).containsExactly(convert(ImagePreprocessing.unit(), image(3)));
        assertThat(direct.get(99)).isZero();
        assertThat(direct.get(226)).isZero();
    }

    @Test
    void aTargetWithoutRoomIsRefused() {
        FloatBuffer small = FloatBuffer.allocate(125);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageConverter(7, 6, ImagePreprocessing.unit())
                        .convert(new DecodedImage.Floats(image(3)), "image", small))
                .withMessageContaining("126")
                .withMessageContaining("125");
        assertThat(small.position()).isZero();
    }

    @Test
    void badFloatsAreRefusedAndTheTargetStays() {
        FloatBuffer target = FloatBuffer.allocate(126);
        ImageConverter caffe = new ImageConverter(7, 6, ImagePreprocessing.caffe());
        INDArray scaled = image(3).divi(255);
        INDArray nan = image(1);
        nan.putScalar(new int[] {0, 4, 1}, Float.NaN);
        assertThatThrownBy(() -> caffe.convert(new DecodedImage.Floats(scaled), "image", target))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("ImagePreprocessing.none()");
        assertThatThrownBy(() -> caffe.convert(new DecodedImage.Floats(nan), "image", target))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("NaN (channel 0, row 4, column 1)");
        assertThatThrownBy(() -> convert(ImagePreprocessing.none(), nan))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("NaN");
        assertThat(target.position()).isZero();
    }

    @Test
    void otherShapesAndTypesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> convert(ImagePreprocessing.unit(), image(3).reshape(1, 3, 5, 4)))
                .withMessageContaining("[1, 3, 5, 4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> convert(ImagePreprocessing.unit(), image(2)))
                .withMessageContaining("2");
        try (Mat deep = new Mat(5, 4, opencv_core.CV_16UC1, new Scalar(1))) {
            assertThatThrownBy(() -> convert(ImagePreprocessing.unit(), new DecodedImage.Bytes(deep)))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("CV_16U");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageConverter(0, 6, ImagePreprocessing.unit()))
                .withMessageContaining("0 x 6");
    }

    @Test
    void manyThreadsGetWhatOneGets() throws Exception {
        ImageConverter converter = new ImageConverter(48, 40, ImagePreprocessing.caffe());
        List<INDArray> images = IntStream.range(0, 16)
                .mapToObj(i -> image(i % 2 == 0 ? 1 : 3).addi(i).fmodi(256))
                .toList();
        List<float[]> alone =
                images.stream().map(image -> planes(converter, image)).toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<float[]>> tasks = IntStream.range(0, 400)
                    .<Callable<float[]>>mapToObj(i -> () -> planes(converter, images.get(i % 16)))
                    .toList();
            List<Future<float[]>> results = threads.invokeAll(tasks);
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()).isEqualTo(alone.get(i % 16));
            }
        } finally {
            threads.shutdown();
        }
    }

    private static float[] planes(ImageConverter converter, INDArray image) {
        float[] planes = new float[3 * 48 * 40];
        converter.convert(new DecodedImage.Floats(image), "image", FloatBuffer.wrap(planes));
        return planes;
    }
}
