package org.transfer4j.internal.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.testing.GoldenFiles;

class TemperatureTest {
    /** Three of four are right at 0.9: the softmax of two classes gives 3/4 where ln 9 / T = ln 3. */
    @Test
    void whatIsSaidIsAsOftenRight() {
        List<float[]> probabilities = Collections.nCopies(4, new float[] {0.9f, 0.1f});
        Temperature temperature = Temperature.of(probabilities, new int[] {0, 1, 0, 0});
        assertThat(temperature.value()).isCloseTo(2, within(1e-6));
        assertThat(temperature.apply(probabilities.get(0))[0]).isCloseTo(0.75f, within(1e-6f));
    }

    @Test
    void itIsScipys() {
        for (JsonNode example : GoldenFiles.json("calibration/temperature.json").get("cases")) {
            List<float[]> probabilities = rows(example.get("probabilities"));
            int[] labels = labels(example);
            Temperature temperature = Temperature.of(probabilities, labels);
            assertThat(temperature.value()).isCloseTo(example.get("temperature").doubleValue(), withinPercentage(1e-4));
            double loss = 0;
            for (int i = 0; i < labels.length; i++) {
                loss -= Math.log(temperature.apply(probabilities.get(i))[labels[i]]) / labels.length;
            }
            assertThat(loss).isCloseTo(example.get("logLoss").doubleValue(), within(1e-7));
        }
    }

    static List<float[]> rows(JsonNode array) {
        List<float[]> rows = new ArrayList<>();
        for (JsonNode row : array) {
            float[] values = new float[row.size()];
            for (int c = 0; c < values.length; c++) {
                values[c] = row.get(c).floatValue();
            }
            rows.add(values);
        }
        return rows;
    }

    static int[] labels(JsonNode example) {
        int[] labels = new int[example.get("labels").size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = example.get("labels").get(i).intValue();
        }
        return labels;
    }

    /** The colder, the better: no number is the best. */
    @Test
    void imagesThatAreAllRightTeachNothing() {
        assertThat(Temperature.of(List.of(new float[] {0.6f, 0.4f}, new float[] {0, 1}), new int[] {0, 1}))
                .isEqualTo(Temperature.NONE);
        assertThat(Temperature.of(List.of(new float[] {0.25f, 0.25f, 0.25f, 0.25f}), new int[] {2}))
                .isEqualTo(Temperature.NONE);
    }

    @Test
    void aClassifierThatIsWorseThanChanceIsHardlyBelieved() {
        Temperature temperature =
                Temperature.of(Collections.nCopies(9, new float[] {0.9f, 0.1f}), new int[] {1, 1, 1, 1, 1, 1, 1, 0, 0});
        assertThat(temperature.value()).isEqualTo(100);
        assertThat(temperature.apply(new float[] {0.9f, 0.1f})[0]).isCloseTo(0.5f, within(0.01f));
    }

    /** The smallest floats, and what was rounded to 0 and 1. */
    @Test
    void extremeProbabilitiesStayProbabilities() {
        float[] extreme = {1, 0, Float.MIN_VALUE, 1e-38f};
        for (double value : new double[] {0.01, 0.5, 1, 3, 100}) {
            float[] row = new Temperature(value).apply(extreme);
            assertThat(row[0] + row[1] + row[2] + row[3]).isCloseTo(1, within(1e-5f));
            assertThat(row[0]).isGreaterThan(row[3]);
            assertThat(row[3]).isGreaterThanOrEqualTo(row[2]);
        }
        Temperature learned = Temperature.of(List.of(extreme, extreme, extreme), new int[] {0, 0, 1});
        assertThat(learned.value()).isBetween(1.0, 100.0);
    }

    @Test
    void temperatureOneChangesNoBit() {
        float[] row = {0.1f, 0.7f, 0.2f};
        assertThat(Temperature.NONE.apply(row)).isSameAs(row);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, 0, -1, 0.009, 101, Double.POSITIVE_INFINITY})
    void valuesOutOfRangeAreRefused(double value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Temperature(value))
                .withMessageContaining("from 0.01 to 100.0, got " + value);
    }
}
