package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePreprocessingJsonTest {
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
}
