package org.transfer4j.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.error.DatasetException;

class OneHotLabelEncoderTest {
    private final OneHotLabelEncoder animals = OneHotLabelEncoder.fit("dog", "cat", "fox", "dog");

    @Test
    void everyLabelIsOneInTheColumnOfItsClass() {
        INDArray rows = animals.encode(List.of("fox", "cat"));
        assertThat(rows.dataType()).isEqualTo(DataType.FLOAT);
        assertThat(rows.toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 0, 1}, {1, 0, 0}});
        assertThat(animals.encode("dog").toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 1, 0}});
        assertThat(animals.size()).isEqualTo(3);
        assertThat(animals.classNames()).containsExactly("cat", "dog", "fox");
        assertThat(animals.classIndex("dog")).isOne();
    }

    @Test
    void integersAreLabelsNotIndices() {
        OneHotLabelEncoder encoder = OneHotLabelEncoder.fit(new int[] {9, 3, 10, 3, -1});
        assertThat(encoder.classNames()).containsExactly("-1", "3", "9", "10");
        assertThat(encoder.encode(10, 3).toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 0, 0, 1}, {0, 1, 0, 0}});
        assertThat(encoder.encode("9")).isEqualTo(encoder.encode(9));
        assertThatThrownBy(() -> encoder.encode(0))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("label 0: '0' is none of the 4 classes: -1, 3, 9, 10");
    }

    @Test
    void classesCanBeCountedOrNamed() {
        assertThat(OneHotLabelEncoder.ofClasses(11).classNames())
                .startsWith("0", "1", "2")
                .endsWith("9", "10");
        assertThat(OneHotLabelEncoder.ofClassNames(List.of("b", "a")).classNames())
                .containsExactly("b", "a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHotLabelEncoder.ofClasses(0))
                .withMessageContaining("got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHotLabelEncoder.ofClassNames(List.of("b", "a", "b")))
                .withMessageContaining("'b' twice");
    }

    @Test
    void laterChangesOfTheListDoNotReachTheEncoder() {
        List<String> names = Arrays.asList("b", "a");
        OneHotLabelEncoder encoder = OneHotLabelEncoder.ofClassNames(names);
        names.set(0, "z");
        assertThat(encoder.classNames()).containsExactly("b", "a").isUnmodifiable();
        assertThat(OneHotLabelEncoder.fit("x").classNames()).isUnmodifiable();
    }

    @Test
    void noneAndNullAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> OneHotLabelEncoder.fit(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> OneHotLabelEncoder.fit(new int[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> OneHotLabelEncoder.ofClassNames(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> animals.encode(List.of()));
        assertThatIllegalArgumentException().isThrownBy(animals::encode);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHotLabelEncoder.fit("a", null))
                .withMessageContaining("position 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.encode(Arrays.asList("cat", null)))
                .withMessageContaining("position 1");
        assertThatIllegalArgumentException().isThrownBy(() -> animals.encode((String) null));
    }

    @Test
    void unknownLabelsFollowThePolicy() {
        assertThatThrownBy(() -> animals.encode(List.of("cat", "Cat")))
                .isInstanceOf(DatasetException.class)
                .hasMessage("label 1: 'Cat' is none of the 3 classes: cat, dog, fox");
        OneHotLabelEncoder lenient = animals.withUnknown(UnknownLabels.ALL_ZEROS);
        assertThat(lenient.encode(List.of("cat", "Cat")).toFloatMatrix())
                .isDeepEqualTo(new float[][] {{1, 0, 0}, {0, 0, 0}});
        assertThat(lenient.withUnknown(UnknownLabels.FAIL)).isEqualTo(animals);
        assertThatThrownBy(() -> lenient.classIndex("Cat"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("'Cat'");
    }

    @Test
    void longListsOfClassesAreCutInMessages() {
        assertThatThrownBy(() -> OneHotLabelEncoder.ofClasses(1000).classIndex("x"))
                .hasMessage("'x' is none of the 1000 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,"
                        + " 17, 18, 19, ...");
    }

    @Test
    void probabilitiesAreDecodedByTheFirstLargest() {
        INDArray rows = Nd4j.createFromArray(new double[][] {
            {0.2, 0.5, 0.3}, {0.4, 0.4, 0.2}, {-3, -2, -2}, {0, Double.POSITIVE_INFINITY, 1}, {0, 0, 1e-300}
        });
        assertThat(animals.decode(rows)).containsExactly("dog", "cat", "dog", "dog", "fox");
        assertThat(animals.decode(rows.dup('f'))).isEqualTo(animals.decode(rows));
        INDArray view = rows.get(NDArrayIndex.interval(1, 3), NDArrayIndex.all());
        assertThat(animals.decode(view)).containsExactly("cat", "dog");
        INDArray integers = Nd4j.createFromArray(new int[][] {{0, 0, 1}});
        assertThat(animals.decode(integers)).containsExactly("fox");
    }

    @ParameterizedTest
    @EnumSource(UnknownLabels.class)
    void rowsWithoutAClassAreRefusedUnderBothPolicies(UnknownLabels policy) {
        OneHotLabelEncoder encoder = animals.withUnknown(policy);
        assertThatThrownBy(() -> encoder.decode(Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 0, 0}})))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("row 1")
                .hasMessageContaining("all zeros");
        assertThatThrownBy(() -> encoder.decode(Nd4j.createFromArray(new float[][] {{1, 0, Float.NaN}})))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("row 0")
                .hasMessageContaining("NaN in column 2");
    }

    @Test
    void rowsOfAnotherShapeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.decode(Nd4j.ones(DataType.FLOAT, 2, 4)))
                .withMessageContaining("[N, 3]")
                .withMessageContaining("[2, 4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.decode(Nd4j.ones(DataType.FLOAT, 3)))
                .withMessageContaining("[3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.decode(Nd4j.create(DataType.FLOAT, 0, 3)))
                .withMessageContaining("[0, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.decode(Nd4j.ones(DataType.FLOAT, 2, 3).castTo(DataType.BOOL)))
                .withMessageContaining("BOOL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.decode(null))
                .withMessageContaining("null");
        INDArray closed = Nd4j.ones(DataType.FLOAT, 2, 3);
        closed.close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> animals.decode(closed))
                .withMessageContaining("closed");
    }

    @Test
    void equalityCountsClassesOrderAndPolicy() {
        assertThat(OneHotLabelEncoder.ofClassNames(List.of("cat", "dog", "fox")))
                .isEqualTo(animals)
                .hasSameHashCodeAs(animals)
                .hasToString("OneHotLabelEncoder[3 classes: cat, dog, fox; unknown labels: FAIL]");
        assertThat(animals)
                .isNotEqualTo(OneHotLabelEncoder.ofClassNames(List.of("dog", "cat", "fox")))
                .isNotEqualTo(animals.withUnknown(UnknownLabels.ALL_ZEROS))
                .isNotEqualTo("cat");
    }

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

    @Test
    void moreClassesThanFitIntoMemoryAreRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHotLabelEncoder.ofClasses(Integer.MAX_VALUE))
                .withMessage("at most 1000000 classes are numbered, got 2147483647");
    }
}
