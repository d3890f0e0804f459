package org.transfer4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.transfer4j.testing.GoldenFiles;

class RegressionReportTest {
    private static final JsonNode GOLDEN =
            GoldenFiles.json("regression/regression.json").get("report");
    private static final List<String> NAMES = List.of("depth", "height", "always four", "sine");

    private static RegressionReport golden() {
        return RegressionReport.of(NAMES, rows("predicted"), rows("actual"));
    }

    private static double[][] rows(String name) {
        JsonNode rows = GOLDEN.get(name);
        double[][] values = new double[rows.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new double[rows.get(i).size()];
            for (int t = 0; t < values[i].length; t++) {
                values[i][t] = rows.get(i).get(t).asDouble();
            }
        }
        return values;
    }

    @Test
    void theFiguresAreThoseOfScikitLearn() {
        RegressionReport report = golden();
        assertThat(report.size()).isEqualTo(60);
        assertSame("meanAbsoluteError", TargetMetrics::meanAbsoluteError);
        assertSame("rootMeanSquaredError", TargetMetrics::rootMeanSquaredError);
        assertSame("medianAbsoluteError", TargetMetrics::medianAbsoluteError);
        assertSame("r2", TargetMetrics::r2);
        assertSame("explainedVariance", TargetMetrics::explainedVariance);
        assertSame("correlation", TargetMetrics::correlation);
        JsonNode means = GOLDEN.get("means");
        assertThat(report.meanAbsoluteError())
                .isCloseTo(means.get("meanAbsoluteError").asDouble(), within(1e-10));
        assertThat(report.rootMeanSquaredError())
                .isCloseTo(means.get("rootMeanSquaredError").asDouble(), within(1e-10));
        assertThat(report.medianAbsoluteError())
                .isCloseTo(means.get("medianAbsoluteError").asDouble(), within(1e-10));
        assertThat(report.r2()).isCloseTo(means.get("r2").asDouble(), within(1e-10));
        assertThat(report.explainedVariance())
                .isCloseTo(means.get("explainedVariance").asDouble(), within(1e-10));
        assertThat(report.correlation()).isNaN();
        assertThat(report.target("sine").r2()).isEqualTo(report.targets().get(3).r2());
    }

    private static void assertSame(String name, ToDoubleFunction<TargetMetrics> figure) {
        for (int t = 0; t < NAMES.size(); t++) {
            double value = figure.applyAsDouble(golden().targets().get(t));
            JsonNode expected = GOLDEN.get(name).get(t);
            if (expected.isNull()) {
                assertThat(value).isNaN();
            } else {
                assertThat(value).as(name + " of " + NAMES.get(t)).isCloseTo(expected.asDouble(), within(1e-10));
            }
        }
    }

    /** As scikit-learn with {@code force_finite}. */
    @Test
    void whereThereIsNothingToExplain() {
        RegressionReport one = RegressionReport.of(List.of("a"), new double[][] {{1}}, new double[][] {{1}});
        assertThat(one.r2()).isNaN();
        assertThat(one.explainedVariance()).isEqualTo(1);
        assertThat(one.correlation()).isNaN();
        assertThat(one.toJson()).contains("\"r2\":\"NaN\"");
        assertThat(one).asString().contains("-");
        double[][] same = {{2}, {2}};
        assertThat(RegressionReport.of(List.of("a"), same, same).r2()).isEqualTo(1);
        assertThat(RegressionReport.of(List.of("a"), new double[][] {{1}, {2}}, same)
                        .r2())
                .isZero();
    }

    /** Three times 0.1 have a mean that is not 0.1. */
    @Test
    void valuesThatAreAllTheSameHaveNoSpread() {
        double[][] same = new double[3][1];
        double[][] other = new double[3][1];
        for (int i = 0; i < same.length; i++) {
            same[i][0] = 0.1;
            other[i][0] = i;
        }
        TargetMetrics actual = RegressionReport.of(List.of("a"), other, same).target("a");
        assertThat(actual.r2()).isZero();
        assertThat(actual.explainedVariance()).isZero();
        assertThat(actual.correlation()).isNaN();
        assertThat(RegressionReport.of(List.of("a"), same, other).correlation()).isNaN();
    }

    @Test
    void anIntervalHasDigitsWhateverItsUnit() {
        assertThat(new Interval(0.00001234, 0.00005)).hasToString("1.2340e-05 to 5.0000e-05");
        assertThat(new Interval(0.93124, Double.NaN)).hasToString("0.9312 to -");
    }

    @Test
    void aTargetIsFoundByTheDecomposedFormOfItsName() {
        double[][] rows = {{1}, {2}};
        RegressionReport report = RegressionReport.of(List.of("gr\u00f6\u00dfe"), rows, rows);
        assertThat(report.target("gro\u0308\u00dfe").r2()).isEqualTo(1);
    }

    @Test
    void theLargestErrorsComeFirst() {
        double[][] actual = {{0, 0}, {10, 0}, {20, 0}, {30, 4}};
        double[][] predicted = {{1, 0}, {10, 0.5}, {26, 0}, {30, 0}};
        RegressionReport report = RegressionReport.of(List.of("weight", "count"), predicted, actual);
        List<LargeError> errors =
                report.withImages(i -> "photo-" + i + ".jpg", i -> new byte[0]).largestErrors(2);
        assertThat(errors)
                .containsExactly(
                        new LargeError(3, "photo-3.jpg", "count", 4, 0),
                        new LargeError(2, "photo-2.jpg", "weight", 20, 26));
        assertThat(errors.get(1)).hasToString("photo-2.jpg: weight 20.000, predicted 26.000");
        assertThat(report.largestErrors(9))
                .hasSize(4)
                .last()
                .extracting(LargeError::image)
                .isEqualTo("image 1");
        assertThat(report.predicted(2)).containsExactly(26, 0);
        assertThat(report.actual(2)).containsExactly(20, 0);
    }

    @Test
    void anIntervalIsTheSameEachTimeAndAroundTheFigure() {
        Interval interval = golden().interval(report -> report.target("depth").meanAbsoluteError());
        assertThat(interval)
                .isEqualTo(golden().interval(report -> report.target("depth").meanAbsoluteError()));
        double value = golden().target("depth").meanAbsoluteError();
        assertThat(interval.low()).isLessThan(value).isGreaterThan(value / 2);
        assertThat(interval.high()).isGreaterThan(value).isLessThan(value * 2);
    }

    @Test
    void asTextAndAsJson() throws Exception {
        assertThat(golden().toString().lines())
                .hasSize(9)
                .anySatisfy(line -> assertThat(line)
                        .matches("always four +\\d\\.\\d{4} +\\d\\.\\d{4} +\\d\\.\\d{4} +0\\.0000 +0\\.0000 +-"));
        assertThat(golden()).asString().contains("mean").endsWith("60 images\n");
        JsonNode json = new ObjectMapper().readTree(golden().toJson());
        assertThat(json.get("size").asInt()).isEqualTo(60);
        assertThat(json.get("targets")).hasSize(4);
        assertThat(json.get("targets").get(1).get("name").asText()).isEqualTo("height");
        assertThat(json.get("targets").get(1).get("r2").asDouble())
                .isEqualTo(golden().target("height").r2());
    }

    @Test
    void whatCanNotBeComparedIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionReport.of(List.of("a"), new double[0][], new double[0][]))
                .withMessageContaining("one image or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionReport.of(List.of("a"), new double[][] {{1}}, new double[][] {{1}, {2}}))
                .withMessageContaining("2 images and 1 predictions");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        RegressionReport.of(List.of("a"), new double[][] {{Double.NaN}}, new double[][] {{1}}))
                .withMessageContaining("those predicted of image 0 are [NaN]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionReport.of(List.of("a", "b"), new double[][] {{1}}, new double[][] {{1, 2}}))
                .withMessageContaining("[a, b]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> golden().target("width"))
                .withMessageContaining("got \"width\"");
    }

    @Test
    void howManyAreListedIsNotNegative() {
        RegressionReport report = RegressionReport.of(List.of("a"), new double[][] {{1}}, new double[][] {{1}});
        assertThatThrownBy(() -> report.largestErrors(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("how many are listed must be 0 or more, got -1");
        assertThatThrownBy(() -> report.actual(99))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("Index 99 out of bounds for length 1");
        assertThatThrownBy(() -> RegressionReport.of(List.of("a"), new double[1][], new double[][] {{1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("those predicted of image 0 are null");
    }
}
