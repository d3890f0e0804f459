package org.transfer4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Expected values by scikit-learn 1.9.1:
 *
 * <pre>{@code
 * names = ["ant", "bee", "cat", "dog"]
 * actual = np.array([(i * i + i // 3) % 3 for i in range(40)])
 * raw = np.array([[1 + (7 * i + 11 * j + i * j) % 13 for j in range(4)] for i in range(40)], dtype=np.float64)
 * raw[np.arange(40), actual] += [(5 * i) % 9 for i in range(40)]
 * raw += np.array([0, .25, .5, .75]) / 8
 * p = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
 * predicted = p.argmax(axis=1)
 * confusion_matrix(actual, predicted, labels=range(4))
 * precision_recall_fscore_support(actual, predicted, labels=range(4), zero_division=0)  # also average="macro", "weighted"
 * [top_k_accuracy_score(actual, p, k=k, labels=range(4)) for k in (1, 2, 3)]
 * q = p.astype(np.float64); log_loss(actual, q / q.sum(axis=1, keepdims=True), labels=range(4))
 * classification_report(actual, predicted, labels=range(4), target_names=names, zero_division=0)
 * }</pre>
 */
class EvaluationReportTest {
    private static final Offset<Double> EXACT = within(1e-12);

    private final EvaluationReport report = Forty.report();

    @Test
    void countsAsScikitLearnDoes() {
        long[][] expected = {{6, 4, 2, 1}, {1, 9, 1, 4}, {1, 2, 7, 2}, {0, 0, 0, 0}};
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 4; column++) {
                assertThat(report.confusionMatrix().count(row, column)).isEqualTo(expected[row][column]);
            }
        }
        assertThat(report.size()).isEqualTo(40);
    }

    /** Their matrix would have 100 GB. */
    @Test
    void manyClassesNeedNoMatrix() {
        int classes = 110_000;
        float[][] rows = new float[3][classes];
        rows[0][5] = 1;
        rows[1][6] = 1;
        rows[2][7] = 1;
        EvaluationAccumulator accumulator = new EvaluationAccumulator(
                IntStream.range(0, classes).mapToObj(Integer::toString).toList());
        accumulator.add(Nd4j.createFromArray(rows), new int[] {5, 6, 8});
        EvaluationReport many = accumulator.report();
        assertThat(many.accuracy()).isCloseTo(2 / 3.0, EXACT);
        assertThat(many.macroAverage().f1()).isCloseTo(2.0 / classes, EXACT);
        assertThat(many.cohenKappa()).isCloseTo((2 - 2 / 3.0) / (3 - 2 / 3.0), EXACT);
        assertThat(many.hardest(1)).extracting(HardImage::actual).containsExactly("8");
    }

    @Test
    void hasScikitLearnsMetricsOfEachClass() {
        double[][] expected = {
            {0.75, 0.46153846153846156, 0.5714285714285714, 13},
            {0.6, 0.6, 0.6, 15},
            {0.7, 0.5833333333333334, 0.6363636363636364, 12},
            {0, 0, 0, 0}
        };
        assertThat(report.classes()).extracting(ClassMetrics::name).isEqualTo(Forty.NAMES);
        for (int i = 0; i < 4; i++) {
            assertMetrics(report.classes().get(i), expected[i]);
        }
    }

    @Test
    void hasScikitLearnsAverages() {
        assertMetrics(report.macroAverage(), 0.5125, 0.4112179487179487, 0.4519480519480519, 40);
        assertMetrics(report.weightedAverage(), 0.67875, 0.55, 0.6016233766233766, 40);
    }

    @Test
    void hasScikitLearnsAccuracyTopKAndLoss() {
        assertThat(report.accuracy()).isEqualTo(0.55, EXACT);
        assertThat(report.topK(1)).isEqualTo(0.55, EXACT);
        assertThat(report.topK(2)).isEqualTo(0.775, EXACT);
        assertThat(report.topK(3)).isEqualTo(0.9, EXACT);
        assertThat(report.topK(4)).isEqualTo(1, EXACT);
        assertThat(report.loss()).isEqualTo(1.1677360487849637, EXACT);
    }

    @Test
    void printsAsScikitLearnDoes() {
        assertThat(report.toString()).isEqualTo("""
                                      precision    recall  f1-score   support

                                 ant       0.75      0.46      0.57        13
                                 bee       0.60      0.60      0.60        15
                                 cat       0.70      0.58      0.64        12
                                 dog       0.00      0.00      0.00         0

                            accuracy                           0.55        40
                           macro avg       0.51      0.41      0.45        40
                        weighted avg       0.68      0.55      0.60        40

                                loss                         1.1677        40
                        """);
    }

    @Test
    void printsTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        String expected = report.toString() + report.confusionMatrix() + report.toJson() + report.macroAverage();
        try {
            for (String tag : List.of("de-DE", "ar-EG-u-nu-arab", "tr-TR")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertThat(report.toString() + report.confusionMatrix() + report.toJson() + report.macroAverage())
                        .isEqualTo(expected);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void cutsLongNamesInTables() {
        EvaluationAccumulator accumulator =
                new EvaluationAccumulator(List.of("x".repeat(200), "two\nlines", "y".repeat(37) + "\ud83d\ude00zzzz"));
        accumulator.add(Nd4j.createFromArray(new float[][] {{1, 0, 0}}), new int[] {0});

        String table = accumulator.report().toString();

        assertThat(table).contains("x".repeat(38) + ".. ").contains("two lines").contains("y".repeat(37) + ".. ");
        assertThat(table.lines()).allMatch(line -> line.length() <= 82);
    }

    @Test
    void refusesAKThatIsNotThere() {
        assertThatThrownBy(() -> report.topK(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("k must be from 1 to the number of classes, 4, but is 0");
        assertThatThrownBy(() -> report.topK(5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isAlsoJson() throws Exception {
        JsonNode json = new ObjectMapper().readTree(report.toJson());

        assertThat(json.get("size").longValue()).isEqualTo(40);
        assertThat(json.get("accuracy").doubleValue()).isEqualTo(report.accuracy());
        assertThat(json.get("loss").doubleValue()).isEqualTo(report.loss());
        assertThat(json.get("topK")).hasSize(4);
        assertThat(json.get("topK").get(1).doubleValue()).isEqualTo(0.775);
        assertThat(json.get("classes").get(2).get("name").textValue()).isEqualTo("cat");
        assertThat(json.get("classes").get(2).get("support").longValue()).isEqualTo(12);
        assertThat(json.get("weightedAverage").get("precision").doubleValue()).isEqualTo(0.67875, EXACT);
        assertThat(json.get("macroAverage").get("f1").doubleValue()).isEqualTo(0.4519480519480519, EXACT);
        assertThat(json.get("confusionMatrix").get("counts").get(1).toString()).isEqualTo("[1,9,1,4]");
        assertThat(json.get("confusionMatrix").get("classNames").toString())
                .isEqualTo("[\"ant\",\"bee\",\"cat\",\"dog\"]");
    }

    @Test
    void isEqualToAReportOfTheSameCounts() {
        EvaluationAccumulator other = new EvaluationAccumulator(Forty.NAMES);
        other.add(Forty.probabilities(), Forty.actual());
        assertThat(other.report()).isEqualTo(report).hasSameHashCodeAs(report);
        assertThat(other.report().classes()).isEqualTo(report.classes());
        assertThat(other.report().classes().get(0))
                .hasSameHashCodeAs(report.classes().get(0));

        other.add(Forty.probabilities(), Forty.actual());
        assertThat(other.report()).isNotEqualTo(report);
        assertThat(report.size()).isEqualTo(40);
    }

    @Test
    void describesOneClassOnALine() {
        assertThat(report.classes().get(0)).hasToString("ant: precision 0.7500, recall 0.4615, f1 0.5714, support 13");
    }

    private static void assertMetrics(ClassMetrics metrics, double... expected) {
        assertThat(metrics.precision()).isEqualTo(expected[0], EXACT);
        assertThat(metrics.recall()).isEqualTo(expected[1], EXACT);
        assertThat(metrics.f1()).isEqualTo(expected[2], EXACT);
        assertThat(metrics.support()).isEqualTo((long) expected[3]);
    }
}
