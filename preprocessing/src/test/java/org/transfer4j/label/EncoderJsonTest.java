package org.transfer4j.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderJsonTest {
    /** What was written once must be read for ever. */
    @Test
    void theFormatIsStable() {
        String strict = "{\"kind\":\"one-hot-label-encoder\",\"version\":1,"
                + "\"classes\":[\"Z\\u00FCrich\",\"Bern\"],\"unknown\":\"fail\"}";
        OneHotLabelEncoder cities = OneHotLabelEncoder.ofClassNames(List.of("Z\u00fcrich", "Bern"));
        assertThat(cities.toJson()).isEqualTo(strict);
        assertThat(OneHotLabelEncoder.fromJson(strict)).isEqualTo(cities);
        OneHotLabelEncoder lenient = cities.withUnknown(UnknownLabels.ALL_ZEROS);
        assertThat(lenient.toJson()).isEqualTo(strict.replace("fail", "all-zeros"));
        assertThat(OneHotLabelEncoder.fromJson(lenient.toJson())).isEqualTo(lenient);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"classes\":[\"a\"],\"unknown\":\"guess\"          | 'guess' for unknown labels: known are fail, all-zeros",
                "\"classes\":[\"a\"],\"unknown\":\"fail\",\"x\":1    | 'x' in the JSON of a one-hot-label-encoder: known are kind, version, classes, unknown",
                "\"classes\":[\"a\",\"a\"],\"unknown\":\"fail\"      | 'a' twice",
                "\"classes\":[],\"unknown\":\"fail\"                 | at least one",
                "\"classes\":[1],\"unknown\":\"fail\"                | must be text, got 1",
                "\"classes\":[\"a\"]                                 | 'unknown' is missing"
            })
    void whatIsUnknownIsRefused(String fields, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHotLabelEncoder.fromJson(
                        "{\"kind\":\"one-hot-label-encoder\",\"version\":1," + fields + "}"))
                .withMessageContaining(message);
    }
}
