package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.pixel.GoldenFiles;

class ImagePreprocessingTest {
    /** [2, 3, 2, 2]: whole numbers, then fractions. */
    private static INDArray images() {
        INDArray whole = Nd4j.arange(12).muli(23).castTo(DataType.FLOAT).reshape(1, 3, 2, 2);
        return Nd4j.concat(0, whole, whole.mul(0.7).addi(0.3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unit", "tf", "torch", "caffe"})
    void everyBitIsAsInKeras(String mode) {
        INDArray input = GoldenFiles.array("preprocessing/input.npy");
        INDArray expected = GoldenFiles.array("preprocessing/" + mode + ".npy");
        long count = input.size(0);

        INDArray actual =
                ImagePreprocessing.modes().get(mode).apply(input.transpose().reshape(1, 3, count, 1));

        assertThat(actual.shape()).containsExactly(1, 3, count, 1);
        assertThat(actual.reshape(3 * count).toFloatVector())
                .containsExactly(
                        expected.transpose().dup('c').reshape(3 * count).toFloatVector());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "unit", "tf", "torch", "caffe"})
    void oneValueIsComputedAsAnArrayIs(String mode) {
        ImagePreprocessing preprocessing = ImagePreprocessing.modes().get(mode);
        INDArray images = images();
        INDArray actual = preprocessing.apply(images);
        for (int channel = 0; channel < 3; channel++) {
            int source = preprocessing.sourceChannel(channel);
            assertThat(actual.getFloat(1, channel, 0, 1))
                    .isEqualTo(preprocessing.apply(channel, images.getFloat(1, source, 0, 1)));
        }
    }

    @Test
    void caffeIsBlueGreenRedMinusTheMeans() {
        INDArray red = Nd4j.zeros(DataType.FLOAT, 1, 3, 1, 1);
        red.putScalar(new int[] {0, 0, 0, 0}, 255);
        assertThat(ImagePreprocessing.caffe().apply(red).reshape(3).toFloatVector())
                .containsExactly(-103.939f, -116.779f, 255f - 123.68f);
    }

    @Test
    void viewsOrderAndTypeDoNotMatterAndTheInputStays() {
        INDArray images = images();
        INDArray before = images.dup();
        INDArray expected = ImagePreprocessing.torch().apply(images);
        INDArray second =
                images.get(NDArrayIndex.interval(1, 2), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all());

        assertThat(ImagePreprocessing.torch().apply(second).slice(0)).isEqualTo(expected.slice(1));
        assertThat(ImagePreprocessing.torch().apply(images.dup('f'))).isEqualTo(expected);
        assertThat(ImagePreprocessing.torch().apply(images.castTo(DataType.DOUBLE)))
                .isEqualTo(expected);
        assertThat(images).isEqualTo(before);
    }

    @Test
    void noneKeepsEveryFiniteValueInANewArray() {
        INDArray odd = Nd4j.createFromArray(-3f, 0.25f, 1000f).reshape(1, 3, 1, 1);
        INDArray kept = ImagePreprocessing.none().apply(odd);
        assertThat(kept).isEqualTo(odd).isNotSameAs(odd);
        odd.putScalar(1, Float.NaN);
        assertThatThrownBy(() -> ImagePreprocessing.none().apply(odd))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image 0")
                .hasMessageContaining("channel 1")
                .hasMessageContaining("NaN");
    }

    @Test
    void scaledAndOutlyingPixelsAreRefused() {
        INDArray scaled = images().divi(255);
        assertThatThrownBy(() -> ImagePreprocessing.unit().apply(scaled))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("ImagePreprocessing.none()");
        INDArray negative = images();
        negative.putScalar(new int[] {1, 2, 0, 1}, -1);
        assertThatThrownBy(() -> ImagePreprocessing.caffe().apply(negative))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image 1: pixel -1.0 (channel 2, row 0, column 1) is outside 0..255");
    }

    @Test
    void grayImagesAreSentToTheResizer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImagePreprocessing.unit().apply(Nd4j.ones(DataType.FLOAT, 2, 1, 4, 4)))
                .withMessageContaining("[2, 1, 4, 4]")
                .withMessageContaining("GrayToRgbResizer");
    }

    @Test
    void equalNumbersAreTheSameMode() {
        ImagePreprocessing torch = ImagePreprocessing.standardized(
                new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
        ImagePreprocessing unit = ImagePreprocessing.standardized(new float[] {-0f, 0f, 0f}, new float[] {1f, 1f, 1f});
        assertThat(torch)
                .isEqualTo(ImagePreprocessing.torch())
                .hasSameHashCodeAs(ImagePreprocessing.torch())
                .hasToString("torch");
        assertThat(unit).isEqualTo(ImagePreprocessing.unit());
        assertThat(List.copyOf(ImagePreprocessing.modes().values())).doesNotHaveDuplicates();
        assertThat(ImagePreprocessing.standardized(new float[] {0.5f, 0f, 0f}, new float[] {1f, 1f, 2f}))
                .hasToString("standardized(mean [0.5, 0.0, 0.0], deviation [1.0, 1.0, 2.0])");
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, -1f, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE})
    void deviationsThatGiveNoNumbersAreRefused(float deviation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImagePreprocessing.standardized(
                        new float[] {0.5f, 0.5f, 0.5f}, new float[] {1f, deviation, 1f}))
                .withMessageContaining(Float.toString(deviation));
    }

    @Test
    void meansMustBeThreeFiniteNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImagePreprocessing.standardized(new float[2], new float[] {1f, 1f, 1f}))
                .withMessageContaining("[0.0, 0.0]");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ImagePreprocessing.standardized(new float[] {0f, Float.NaN, 0f}, new float[] {1f, 1f, 1f}))
                .withMessageContaining("NaN");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> ImagePreprocessing.unit().sourceChannel(3));
    }

    /** What was written once must be read for ever. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "unit", "tf", "torch", "caffe"})
    void namedModesAreWrittenByName(String mode) {
        ImagePreprocessing preprocessing = ImagePreprocessing.modes().get(mode);
        assertThat(preprocessing.toJson())
                .isEqualTo("{\"kind\":\"image-preprocessing\",\"version\":1,\"mode\":\"" + mode + "\"}");
        assertThat(ImagePreprocessing.fromJson(preprocessing.toJson())).isEqualTo(preprocessing);
    }

    @Test
    void otherNumbersAreWrittenOut() {
        ImagePreprocessing half =
                ImagePreprocessing.standardized(new float[] {0.1f, 0.2f, 0.3f}, new float[] {0.5f, 0.25f, 1e-10f});
        assertThat(half.toJson())
                .isEqualTo("{\"kind\":\"image-preprocessing\",\"version\":1,\"mode\":\"standardized\","
                        + "\"mean\":[0.1,0.2,0.3],\"deviation\":[0.5,0.25,1.0E-10]}");
        assertThat(ImagePreprocessing.fromJson(half.toJson())).isEqualTo(half);
    }

    @Property(tries = 300)
    void everyNumberSurvives(
            @ForAll @FloatRange(min = -1000f, max = 1000f) @Scale(6) float mean,
            @ForAll @FloatRange(min = 0.001f, max = 1000f) @Scale(6) float red,
            @ForAll @FloatRange(min = 0.001f, max = 1000f) @Scale(6) float blue) {
        ImagePreprocessing preprocessing =
                ImagePreprocessing.standardized(new float[] {mean, -mean, mean / 3}, new float[] {red, 1f, blue});
        assertThat(ImagePreprocessing.fromJson(preprocessing.toJson())).isEqualTo(preprocessing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"mode\":\"vgg\"                           | 'vgg': known are none, unit, tf, torch, caffe, standardized",
                "\"mode\":\"unit\",\"scale\":2              | 'scale' in the JSON of a image-preprocessing: known are kind, version, mode",
                "\"mode\":\"unit\",\"mean\":[0,0,0]         | 'mean'",
                "\"mode\":\"standardized\"                  | 'mean' is missing",
                "\"mode\":\"standardized\",\"mean\":[0,0,0],\"deviation\":[1,1] | three values",
                "\"mode\":\"standardized\",\"mean\":[0,0,\"x\"],\"deviation\":[1,1,1] | must be a number, got \"x\"",
                "\"modus\":\"unit\"                         | 'mode' is missing"
            })
    void whatIsUnknownIsRefused(String fields, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ImagePreprocessing.fromJson("{\"kind\":\"image-preprocessing\",\"version\":1," + fields + "}"))
                .withMessageContaining(message);
    }

    @Test
    void thereAreThreeOutputChannels() {
        for (int channel : new int[] {-1, 3, 7}) {
            assertThatThrownBy(() -> ImagePreprocessing.caffe().sourceChannel(channel))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("an output channel is 0 to 2, got " + channel);
        }
    }
}
