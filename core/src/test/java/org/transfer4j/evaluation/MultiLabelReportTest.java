package org.transfer4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.testing.GoldenFiles;

class MultiLabelReportTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("multilabel/multilabel.json");
    private static final int IMAGES = 40;
    private static final int CLASSES = 5;
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "nowhere");

    private static MultiLabelReport golden() {
        INDArray probabilities = Nd4j.create(IMAGES, CLASSES);
        INDArray labels = Nd4j.create(IMAGES, CLASSES);
        for (int i = 0; i < IMAGES; i++) {
            for (int c = 0; c < CLASSES; c++) {
                probabilities.putScalar(
                        i, c, GOLDEN.get("probabilities").get(i).get(c).asDouble());
                labels.putScalar(i, c, (i * (c + 2) + i * i * c) % 5 == 0 && c != 4 ? 1 : 0);
            }
        }
        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(NAMES);
        for (int start : new int[] {0, 17}) {
            var rows = NDArrayIndex.interval(start, start == 0 ? 17 : IMAGES);
            accumulator.add(probabilities.get(rows), labels.get(rows));
        }
        return accumulator.report();
    }

    /** Not above a threshold that they equal. */
    @Test
    void theFiguresAreThoseOfScikitLearnAndKeras() {
        for (JsonNode expected : GOLDEN.get("reports")) {
            MultiLabelReport report =
                    golden().atThreshold(expected.get("threshold").asDouble());
            assertThat(report.size()).isEqualTo(IMAGES);
            assertThat(report.threshold()).isEqualTo(expected.get("threshold").asDouble());
            assertSame(expected, "microPrecision", report.microPrecision());
            assertSame(expected, "microRecall", report.microRecall());
            assertSame(expected, "microF1", report.microF1());
            assertSame(expected, "macroF1", report.macroF1());
            assertSame(expected, "subsetAccuracy", report.subsetAccuracy());
            assertSame(expected, "binaryAccuracy", report.binaryAccuracy());
            assertSame(expected, "meanAveragePrecision", report.meanAveragePrecision());
            assertThat(report.loss()).isCloseTo(expected.get("loss").asDouble(), within(1e-6));
            assertSame(expected, report, "precision", LabelMetrics::precision);
            assertSame(expected, report, "recall", LabelMetrics::recall);
            assertSame(expected, report, "f1", LabelMetrics::f1);
            assertSame(expected, report, "averagePrecision", LabelMetrics::averagePrecision);
            assertSame(expected, report, "support", LabelMetrics::support);
        }
        assertThat(GOLDEN.get("reports")).hasSize(2);
    }

    private static void assertSame(JsonNode expected, String name, double value) {
        assertThat(value).as(name).isCloseTo(expected.get(name).asDouble(), within(1e-12));
    }

    private static void assertSame(
            JsonNode expected, MultiLabelReport report, String name, ToDoubleFunction<LabelMetrics> figure) {
        for (int c = 0; c < CLASSES; c++) {
            assertThat(figure.applyAsDouble(report.classes().get(c)))
                    .as(name + " of " + NAMES.get(c))
                    .isCloseTo(expected.get(name).get(c).asDouble(), within(1e-12));
        }
    }

    private static MultiLabelReport perfect() {
        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(List.of("cat", "dog"));
        accumulator.add(
                Nd4j.createFromArray(new float[][] {{0.9f, 0.1f}, {0.8f, 0.7f}}),
                Nd4j.createFromArray(new float[][] {{1, 0}, {1, 1}}));
        return accumulator.report();
    }

    /** By hand: of four images the third has all labels wrong, and the last is right. */
    private static MultiLabelReport four() {
        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(List.of("cat", "dog"));
        accumulator.add(
                Nd4j.createFromArray(new float[][] {{0.6f, 0.4f}, {0.7f, 0.6f}, {0.1f, 0.9f}, {0.99f, 0.01f}}),
                Nd4j.createFromArray(new float[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}}));
        return accumulator.report();
    }

    @Test
    void theHardestImagesAreThoseWithTheLargestLoss() {
        List<HardLabels> hardest = four().hardest(2);
        assertThat(hardest).extracting(HardLabels::index).containsExactly(2, 1);
        assertThat(hardest.get(0))
                .hasToString("image 2: [cat], taken for [dog], loss 2.3026")
                .isEqualTo(new HardLabels(
                        2,
                        "image 2",
                        List.of("cat"),
                        List.of("dog"),
                        hardest.get(0).loss()));
        assertThat(hardest.get(1).given()).containsExactly("cat", "dog");
        assertThat(four().atThreshold(0.65).hardest(2).get(1).given()).containsExactly("cat");
        assertThat(four().hardest(9)).hasSize(4);
        assertThatIllegalArgumentException().isThrownBy(() -> four().hardest(-1));

        MultiLabelReport named = four().withImages(i -> "photos/" + i, i -> new byte[0]);
        assertThat(named.hardest(1).get(0).image()).isEqualTo("photos/2");
        assertThat(named.atThreshold(0.3).hardest(1).get(0).image()).isEqualTo("photos/2");
        assertThat(named.withoutPaths().hardest(1)).isEqualTo(four().hardest(1));
    }

    /** Drawn anew by hand, from the same stream of random numbers. */
    @Test
    void intervalsAreThoseOfDrawnImages() {
        MultiLabelReport report = golden();
        SplittableRandom random = new SplittableRandom(42);
        double[] figures = new double[1000];
        for (int draw = 0; draw < figures.length; draw++) {
            double same = 0;
            for (int image : random.ints(IMAGES, 0, IMAGES).toArray()) {
                boolean all = true;
                for (int c = 0; c < CLASSES; c++) {
                    boolean there = (image * (c + 2) + image * image * c) % 5 == 0 && c != 4;
                    all &= there
                            == GOLDEN.get("probabilities").get(image).get(c).asDouble() > 0.5;
                }
                same += all ? 1 : 0;
            }
            figures[draw] = same / IMAGES;
        }
        Arrays.sort(figures);
        Interval interval = report.interval(MultiLabelReport::subsetAccuracy);
        assertThat(interval.low()).isCloseTo(figures[24], within(0.026));
        assertThat(interval.high()).isCloseTo(figures[975], within(0.026));
        assertThat(interval.low()).isLessThan(interval.high());
        assertThat(report.interval(MultiLabelReport::meanAveragePrecision).low())
                .isBetween(0.0, report.meanAveragePrecision());
    }

    @Test
    void theTableHasALineForEachClass() {
        assertThat(perfect()).hasToString("""
                                                precision    recall  f1-score avg. prec.   support

                                           cat       1.00      1.00      1.00       1.00         2
                                           dog       1.00      1.00      1.00       1.00         1

                                     micro avg       1.00      1.00      1.00                    3
                                     macro avg                           1.00                    3
                        mean average precision                                      1.00

                               binary accuracy                           1.00                    2
                               subset accuracy                           1.00                    2
                                          loss                         0.1976                    2
                                     threshold                            0.5
                        """);
    }

    @Test
    void theJsonHasTheSameFigures() throws Exception {
        JsonNode json = new ObjectMapper().readTree(golden().toJson());
        assertThat(json.get("microF1").asDouble()).isEqualTo(golden().microF1());
        assertThat(json.get("classes").get(1).get("averagePrecision").asDouble())
                .isEqualTo(golden().classes().get(1).averagePrecision());
        assertThat(IntStream.range(0, CLASSES)
                        .mapToObj(c -> json.get("classes").get(c).get("name").asText()))
                .isEqualTo(NAMES);
    }

    @Test
    void aReportDoesNotChange() {
        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(List.of("cat", "dog"));
        accumulator.add(Nd4j.zeros(1, 2), Nd4j.zeros(1, 2));
        MultiLabelReport report = accumulator.report();
        accumulator.add(Nd4j.ones(1, 2), Nd4j.zeros(1, 2));
        assertThat(report.size()).isEqualTo(1);
        assertThat(report.binaryAccuracy()).isEqualTo(1);
        assertThat(report.meanAveragePrecision()).isZero();
        assertThat(accumulator.report().subsetAccuracy()).isEqualTo(0.5);
    }

    @Test
    void whatCannotBeJudgedIsRefused() {
        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(List.of("cat", "dog"));
        assertThatIllegalStateException().isThrownBy(accumulator::report);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> accumulator.add(Nd4j.zeros(1, 2), Nd4j.zeros(1, 3)))
                .withMessageContaining("[1, 2] and FLOAT of shape [1, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> accumulator.add(Nd4j.valueArrayOf(1, 2, Double.NaN), Nd4j.zeros(1, 2)))
                .withMessageContaining("one of class cat is NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> new MultiLabelAccumulator(List.of("a", "a")));
        for (double threshold : new double[] {0, 1, -1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> perfect().atThreshold(threshold))
                    .withMessageContaining("above 0 and below 1");
        }
    }
}
