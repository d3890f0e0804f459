package org.transfer4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.testing.GoldenFiles;

/** Beside scikit-learn, on the predictions of {@code evaluation_golden.py}. */
class EvaluationFiguresTest {
    private static final List<String> ABC = List.of("a", "b", "c");

    private static EvaluationReport golden(String name) {
        INDArray probabilities = GoldenFiles.array("evaluation/" + name + "_probabilities.npy");
        int[] actual = GoldenFiles.array("evaluation/" + name + "_actual.npy").toIntVector();
        List<String> names = IntStream.range(0, (int) probabilities.size(1))
                .mapToObj(i -> "class " + i)
                .toList();
        return report(names, probabilities, actual);
    }

    private static EvaluationReport report(List<String> names, INDArray probabilities, int... actual) {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(names);
        accumulator.add(probabilities, actual);
        return accumulator.report(index -> "photo " + index + ".png", index -> new byte[0]);
    }

    private static EvaluationReport report(float[][] probabilities, int... actual) {
        return report(ABC, Nd4j.createFromArray(probabilities), actual);
    }

    @ParameterizedTest
    @ValueSource(strings = {"five", "two"})
    void theFiguresAreThoseOfScikitLearn(String name) {
        JsonNode expected = GoldenFiles.json("evaluation/" + name + ".json");
        EvaluationReport report = golden(name);

        assertSame(report.logLoss(), expected.get("logLoss"));
        assertSame(report.rocAuc(), expected.get("rocAuc"));
        assertSame(report.cohenKappa(), expected.get("cohenKappa"));
        assertSame(report.matthewsCorrelation(), expected.get("matthewsCorrelation"));
        assertSame(report.brierScore(), expected.get("brierScore"));
        assertSame(report.expectedCalibrationError(), expected.get("expectedCalibrationError"));
        for (int i = 0; i < expected.get("classesWithImages").size(); i++) {
            int index = expected.get("classesWithImages").get(i).asInt();
            assertSame(report.rocAuc(index), expected.get("rocAucOfClass").get(i));
            assertSame(
                    report.averagePrecision(index),
                    expected.get("averagePrecision").get(i));
        }
        List<CalibrationBin> bins =
                report.calibration().stream().filter(bin -> bin.size() > 0).toList();
        JsonNode calibration = expected.get("calibration");
        assertThat(bins).hasSameSizeAs(calibration.get("sizes"));
        for (int i = 0; i < bins.size(); i++) {
            assertThat(bins.get(i).size())
                    .isEqualTo(calibration.get("sizes").get(i).asLong());
            assertSame(bins.get(i).accuracy(), calibration.get("accuracy").get(i));
            assertSame(bins.get(i).confidence(), calibration.get("confidence").get(i));
        }
    }

    private static void assertSame(double figure, JsonNode expected) {
        assertThat(figure).isCloseTo(expected.asDouble(), within(1e-9));
    }

    @Test
    void whatIsNotDefinedIsNotANumber() {
        EvaluationReport five = golden("five");
        assertThat(five.rocAuc(4)).isNaN();
        assertThat(five.averagePrecision(4)).isZero();

        EvaluationReport one = report(new float[][] {{1, 0, 0}, {1, 0, 0}}, 0, 0);
        assertThat(one.rocAuc()).isNaN();
        assertThat(one.cohenKappa()).isNaN();
        assertThat(one.matthewsCorrelation()).isZero();
        assertThat(one.brierScore()).isZero();
        assertThat(one.expectedCalibrationError()).isZero();
        assertThat(one.interval(EvaluationReport::cohenKappa).low()).isNaN();
        assertThat(one.toJson()).contains("\"cohenKappa\":\"NaN\"");
    }

    @Test
    void aProbabilityOfZeroCostsNoInfinity() {
        assertThat(report(new float[][] {{0, 1, 0}}, 0).logLoss()).isCloseTo(36.0436533891, within(1e-9));
    }

    /** Of a part of all, the interval is about that of the normal distribution. */
    @Test
    void theIntervalIsThatOfResampling() {
        EvaluationReport report = golden("five");
        double accuracy = report.accuracy();
        double half = 1.96 * Math.sqrt(accuracy * (1 - accuracy) / report.size());
        Interval interval = report.interval(EvaluationReport::accuracy);

        assertThat(interval.low()).isCloseTo(accuracy - half, within(0.01));
        assertThat(interval.high()).isCloseTo(accuracy + half, within(0.01));
        assertThat(golden("five").interval(EvaluationReport::accuracy)).isEqualTo(interval);
        assertThat(report.interval(EvaluationReport::size)).isEqualTo(new Interval(160, 160));
    }

    @Test
    void theMostConfusedPairsComeFirst() {
        ConfusionMatrix matrix = Forty.report().confusionMatrix();

        assertThat(matrix.mostConfused(3))
                .containsExactly(
                        new ConfusedPair("ant", "bee", 4, 4 / 13.0),
                        new ConfusedPair("bee", "dog", 4, 4 / 15.0),
                        new ConfusedPair("ant", "cat", 2, 2 / 13.0));
        assertThat(matrix.mostConfused(100)).hasSize(9).allMatch(pair -> pair.count() > 0);
        assertThat(matrix.mostConfused(1).get(0)).hasToString("ant taken for bee: 4 times, 0.3077 of ant");
        assertThatIllegalArgumentException().isThrownBy(() -> matrix.mostConfused(-1));
    }

    @Test
    void theHardestImagesComeFirst() {
        EvaluationReport report = report(
                new float[][] {{0.9f, 0.1f, 0}, {0.5f, 0.25f, 0.25f}, {0.25f, 0.5f, 0.25f}, {0, 1, 0}}, 0, 1, 1, 2);

        assertThat(report.hardest(2))
                .containsExactly(
                        new HardImage(3, "photo 3.png", "c", "b", 0, 1),
                        new HardImage(1, "photo 1.png", "b", "a", 0.25, 0.5));
        assertThat(report.hardest(9)).hasSize(4);
        assertThat(report.hardest(1).get(0)).hasToString("photo 3.png: c 0.0000, taken for b 1.0000");
        assertThat(report.hardest(9).get(3)).hasToString("photo 0.png: a 0.9000");
        assertThatIllegalArgumentException().isThrownBy(() -> report.hardest(-1));
    }

    @Test
    void allFiguresAreInTheJson() throws Exception {
        EvaluationReport report = golden("two");
        JsonNode json = new ObjectMapper().readTree(report.toJson());

        assertThat(json.get("logLoss").asDouble()).isEqualTo(report.logLoss());
        assertThat(json.get("rocAuc").asDouble()).isEqualTo(report.rocAuc());
        assertThat(json.get("cohenKappa").asDouble()).isEqualTo(report.cohenKappa());
        assertThat(json.get("matthewsCorrelation").asDouble()).isEqualTo(report.matthewsCorrelation());
        assertThat(json.get("brierScore").asDouble()).isEqualTo(report.brierScore());
        assertThat(json.get("expectedCalibrationError").asDouble()).isEqualTo(report.expectedCalibrationError());
    }

    @Test
    void aClassThatIsNotThereHasNoFigures() {
        EvaluationReport report = golden("two");
        assertThatIllegalArgumentException().isThrownBy(() -> report.rocAuc(2)).withMessageContaining("from 0 to 1");
        assertThatIllegalArgumentException().isThrownBy(() -> report.averagePrecision(-1));
    }
}
