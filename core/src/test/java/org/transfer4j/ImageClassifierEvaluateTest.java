package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class ImageClassifierEvaluateTest {
    private static final List<String> LABELS = List.of("cat", "ant", "bee");
    private static ImageClassifier classifier;

    @BeforeAll
    static void train() {
        classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .fit(animals(30));
    }

    @AfterAll
    static void close() {
        classifier.close();
    }

    private static ImageDataset animals(int count) {
        return ImageDataset.of(
                Pictures.arrays(count),
                IntStream.range(0, count).mapToObj(i -> LABELS.get(i % 3)).toList());
    }

    @Test
    void theFiguresFollowFromThePredictions() {
        ImageDataset data = animals(40);
        List<Prediction> predictions = classifier.predict(data);
        double right = 0;
        double loss = 0;
        for (int i = 0; i < 40; i++) {
            String label = data.label(i);
            right += predictions.get(i).label().equals(label) ? 1 : 0;
            loss -= Math.log(predictions.get(i).top(3).stream()
                    .filter(score -> score.label().equals(label))
                    .findFirst()
                    .orElseThrow()
                    .probability());
        }

        EvaluationReport report = classifier.evaluate(data);

        assertThat(report.size()).isEqualTo(40);
        assertThat(report.accuracy()).isEqualTo(right / 40);
        assertThat(report.loss()).isCloseTo(loss / 40, within(1e-6));
        assertThat(report.topK(3)).isEqualTo(1);
        assertThat(report.confusionMatrix().classNames()).containsExactly("ant", "bee", "cat");
        assertThat(report.confusionMatrix().actualCount(2)).isEqualTo(14);
    }

    @Test
    void someOfTheClassesAreEnough() {
        ImageDataset bees = ImageDataset.of(Pictures.arrays(4), List.of("bee", "bee", "bee", "bee"));

        EvaluationReport report = classifier.evaluate(bees);

        assertThat(report.confusionMatrix().actualCount(1)).isEqualTo(4);
        assertThat(report.confusionMatrix().classNames()).containsExactly("ant", "bee", "cat");
    }

    @Test
    void numbersAreMatchedByNameAsWell() {
        try (ImageClassifier numbers = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(ImageDataset.of(Pictures.arrays(3), new int[] {2, 10, 9}))) {
            assertThat(numbers.classNames()).containsExactly("2", "9", "10");
            EvaluationReport report = numbers.evaluate(ImageDataset.of(Pictures.arrays(2), new int[] {10, 9}));
            assertThat(report.confusionMatrix().actualCount(0)).isZero();
            assertThat(report.confusionMatrix().actualCount(2)).isEqualTo(1);
        }
    }

    @Test
    void aClassThatWasNotLearnedIsNamed() {
        ImageDataset others = ImageDataset.of(Pictures.arrays(3), List.of("ant", "dog", "eel"));
        assertThatThrownBy(() -> classifier.evaluate(others))
                .isInstanceOf(DatasetException.class)
                .hasMessage("evaluation data may only have classes that were learned, [ant, bee, cat];"
                        + " unknown: [dog, eel]");
    }
}
