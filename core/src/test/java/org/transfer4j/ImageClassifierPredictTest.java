package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ImageException;
import org.transfer4j.preprocessing.ImageLimits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class ImageClassifierPredictTest {
    private static ImageClassifier classifier;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .inputSize(24, 20)
                .fit(Pictures.dataset(32));
    }

    @AfterAll
    static void close() {
        classifier.close();
    }

    private static List<ClassScore> scores(Prediction prediction) {
        return prediction.top(2);
    }

    @Test
    void everyFormOfAnImageGivesTheSame() throws Exception {
        for (int i : new int[] {0, 1, 31, 33}) {
            List<ClassScore> expected = scores(classifier.predict(Pictures.image(i)));
            Path file = Files.write(folder.resolve(i + ".png"), Pictures.png(i));
            assertThat(scores(classifier.predict(file))).isEqualTo(expected);
            assertThat(scores(classifier.predict(Pictures.png(i)))).isEqualTo(expected);
            assertThat(scores(classifier.predict(new ByteArrayInputStream(Pictures.png(i)))))
                    .isEqualTo(expected);
            INDArray array = Pictures.array(i);
            assertThat(scores(classifier.predict(array))).isEqualTo(expected);
            assertThat(scores(classifier.predict(array.reshape(3, 16, 16)))).isEqualTo(expected);
            assertThat(scores(classifier.predict(array.castTo(DataType.UINT8)))).isEqualTo(expected);
        }
    }

    @Test
    void aDatasetOfOneImageIsFine() {
        assertThat(classifier.predict(Pictures.dataset(1))).hasSize(1);
        assertThat(classifier.evaluate(Pictures.dataset(1)).size()).isEqualTo(1);
    }

    /** But for the rounding of sums that are added up in another order. */
    @Test
    void aDatasetGivesWhatItsImagesGive() {
        List<Prediction> all = classifier.predict(Pictures.dataset(33));

        assertThat(all).hasSize(33);
        for (int i = 0; i < 33; i++) {
            Prediction single = classifier.predict(Pictures.image(i));
            assertThat(all.get(i).label()).isEqualTo(single.label());
            assertThat(all.get(i).probability()).isCloseTo(single.probability(), within(1e-6));
        }
    }

    @Test
    void aPredictionHasTheLabelsOfTheData() {
        Prediction prediction = classifier.predict(Pictures.image(2));

        assertThat(prediction.label()).isEqualTo("red");
        assertThat(prediction.classIndex()).isEqualTo(1);
        assertThat(prediction.probability()).isBetween(0.5, 1.0);
        assertThat(prediction.top(5)).extracting(ClassScore::label).containsExactly("red", "blue");
        assertThat(prediction.top(2).stream()
                        .mapToDouble(ClassScore::probability)
                        .sum())
                .isBetween(0.99999, 1.00001);
        assertThat(classifier.classNames()).containsExactly("blue", "red");
    }

    @Test
    void grayImagesAndOtherSizesAreTaken() {
        INDArray gray = Nd4j.arange(35).reshape(1, 5, 7).castTo(DataType.FLOAT);
        INDArray three = Nd4j.concat(0, gray, gray, gray);
        assertThat(scores(classifier.predict(gray))).isEqualTo(scores(classifier.predict(three)));
    }

    @Test
    void theLabelsOfTheDataAreNotUsed() {
        ImageDataset others = ImageDataset.of(Pictures.arrays(3), List.of("x", "y", "z"));
        assertThat(classifier.predict(others).toString())
                .isEqualTo(classifier.predict(Pictures.dataset(3)).toString());
    }

    @Test
    void theCallersArrayStaysAsItWas() {
        INDArray array = Pictures.array(5);
        classifier.predict(array);
        assertThat(array).isEqualTo(Pictures.array(5));
        assertThat(array.wasClosed()).isFalse();
    }

    @Test
    void whatIsNoImageIsRefused() throws Exception {
        Path text = Files.writeString(folder.resolve("text.png"), "not an image, whatever its name says");
        assertThatThrownBy(() -> classifier.predict(text))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(text.toString());
        assertThatThrownBy(() -> classifier.predict("text".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ImageException.class);
        assertThatThrownBy(() -> classifier.predict(new byte[0])).isInstanceOf(ImageException.class);
        assertThatThrownBy(() -> classifier.predict(folder.resolve("none.png")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none.png");
        assertThatThrownBy(() -> classifier.predict(failing()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the line went dead");
    }

    @Test
    void theLimitsOfTheProcessHold() throws Exception {
        byte[] png = Pictures.png(1);
        Path file = Files.write(folder.resolve("large.png"), png);
        try {
            ImageLimits.use(ImageLimits.defaults().withPixels(255));
            for (ThrowingCallable predicting : List.<ThrowingCallable>of(
                    () -> classifier.predict(file),
                    () -> classifier.predict(png),
                    () -> classifier.predict(Pictures.image(1)),
                    () -> classifier.predict(Pictures.array(1)),
                    () -> classifier.predict(ImageDataset.encoded(List.of(EncodedImage.of("a", "x", png)))))) {
                assertThatThrownBy(predicting)
                        .isInstanceOf(ImageException.class)
                        .hasMessageContaining("is 16x16 pixels, more than the limit of 255 (set by "
                                + "ImageLimits.withPixels or -Dtransfer4j.image.pixels)");
            }
            ImageLimits.use(ImageLimits.defaults().withEncodedBytes(1_000));
            assertThatThrownBy(() -> classifier.predict(endless()))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("has 1001 bytes, more than the limit of 1000 ");
        } finally {
            ImageLimits.use(ImageLimits.defaults());
        }
    }

    @SuppressWarnings("InputStreamSlowMultibyteRead") // a thousand bytes are read
    private static InputStream endless() {
        return new InputStream() {
            @Override
            public int read() {
                return 0x42;
            }
        };
    }

    private static InputStream failing() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the line went dead");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return read();
            }
        };
    }

    @Test
    void arraysOfAnotherShapeOrRangeAreRefused() {
        for (long[] shape : new long[][] {{16, 16}, {2, 3, 16, 16}, {2, 16, 16}, {1, 4, 16, 16}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> classifier.predict(Nd4j.zeros(shape)))
                    .withMessageContaining("[C, H, W] or [1, C, H, W]")
                    .withMessageContaining(Arrays.toString(shape));
        }
        for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, -1, 256}) {
            INDArray array = Pictures.array(0).putScalar(new int[] {0, 1, 2, 3}, value);
            assertThatThrownBy(() -> classifier.predict(array))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining(Float.toString(value));
        }
        assertThatThrownBy(() -> classifier.predict(Pictures.array(0).div(255)))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("scaled already");
    }

    @Test
    void anImageWithoutANameIsTheSubjectOfItsErrors() {
        assertThatThrownBy(() -> classifier.predict(new byte[0])).hasMessage("the image is empty: 0 bytes");
        assertThatThrownBy(() -> classifier.predict(Path.of(""))).hasMessage("\"\": is not a file but a folder");
        assertThatThrownBy(() -> classifier.save(Path.of("")))
                .hasMessage("Can't write the model file \"\": a file name is needed, but this is a folder");
    }
}
