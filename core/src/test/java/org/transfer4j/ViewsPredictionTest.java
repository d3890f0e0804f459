package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.Views;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** What a prediction from several views is the mean of. */
class ViewsPredictionTest {
    /** What may differ between an image alone and among others. */
    private static final double ROUNDING = 1e-5;

    private static final Views MANY = Views.of(Augmentation.photos().translation(0.3), 40, 7);

    private static ImageClassifier classifier;

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() {
        classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(3)
                .fit(Pictures.dataset(20));
    }

    @AfterAll
    static void close() {
        classifier.close();
    }

    private static BufferedImage mirrored(BufferedImage image) {
        BufferedImage result = new BufferedImage(image.getWidth(), image.getHeight(), image.getType());
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                result.setRGB(x, y, image.getRGB(image.getWidth() - 1 - x, y));
            }
        }
        return result;
    }

    private static double red(Prediction prediction) {
        return prediction.probability("red");
    }

    @Test
    void theProbabilitiesOfImageAndMirrorImageAreAveraged() {
        for (int i = 0; i < 4; i++) {
            double plain = red(classifier.predict(Pictures.image(i)));
            double mirror = red(classifier.predict(mirrored(Pictures.image(i))));
            assertThat(Math.abs(plain - mirror)).isGreaterThan(100 * ROUNDING);
            Prediction both = classifier.predict(Pictures.image(i), Views.flipped());
            assertThat(red(both)).isCloseTo((plain + mirror) / 2, within(ROUNDING));
            assertThat(red(both) + both.probability("blue")).isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void anImageIsTheSameInEachForm() throws IOException {
        Path file = Files.write(folder.resolve("image.png"), Pictures.png(3));
        Views views = Views.crops(0.7).andFlipped();
        List<ClassScore> expected = classifier.predict(Pictures.image(3), views).top(2);
        assertThat(classifier.predict(file, views).top(2)).isEqualTo(expected);
        assertThat(classifier.predict(Pictures.png(3), views).top(2)).isEqualTo(expected);
        assertThat(classifier
                        .predict(new ByteArrayInputStream(Pictures.png(3)), views)
                        .top(2))
                .isEqualTo(expected);
        assertThat(classifier.predict(Pictures.array(3), views).top(2)).isEqualTo(expected);
    }

    @Test
    void oneViewIsAnOrdinaryPrediction() {
        assertThat(classifier.predict(Pictures.image(2), Views.none()).top(2))
                .isEqualTo(classifier.predict(Pictures.image(2)).top(2));
        List<Prediction> plain = classifier.predict(Pictures.dataset(6));
        List<Prediction> viewed = classifier.predict(Pictures.dataset(6), Views.none());
        for (int i = 0; i < 6; i++) {
            assertThat(viewed.get(i).top(2)).isEqualTo(plain.get(i).top(2));
        }
    }

    /** 41 views of an image are more than are computed at once, and end within a batch. */
    @Test
    void imagesOfADatasetHaveTheViewsOfImagesAlone() {
        for (Views views : List.of(Views.flipped(), Views.crops(0.7), MANY)) {
            List<Prediction> first = classifier.predict(Pictures.dataset(5), views);
            List<Prediction> again = classifier.predict(Pictures.dataset(5), views);
            assertThat(first).hasSize(5);
            for (int i = 0; i < 5; i++) {
                assertThat(first.get(i).top(2)).isEqualTo(again.get(i).top(2));
                assertThat(red(first.get(i)))
                        .isCloseTo(red(classifier.predict(Pictures.image(i), views)), within(ROUNDING));
            }
        }
    }

    @Test
    void theFiguresFollowFromThePredictions() throws IOException {
        ImageDataset data = Pictures.dataset(30);
        Views views = Views.crops(0.7);
        List<Prediction> predictions = classifier.predict(data, views);
        EvaluationReport report = classifier.evaluate(data, views);
        double loss = IntStream.range(0, 30)
                .mapToDouble(i -> -Math.log(predictions.get(i).probability(data.label(i))))
                .average()
                .orElseThrow();
        assertThat(report.loss()).isCloseTo(loss, within(1e-6));
        assertThat(report.loss()).isNotEqualTo(classifier.evaluate(data).loss());
        report.html(folder.resolve("report.html"));
        assertThat(folder.resolve("report.html")).content().contains("Views of an image", "0.700 of it from");
        classifier.evaluate(data).html(folder.resolve("plain.html"));
        assertThat(folder.resolve("plain.html")).content().doesNotContain("Views of an image");
    }

    @Test
    void severalLabelsAreAveragedEach() {
        MultiLabelDataset data = MultiLabelDataset.of(
                Pictures.dataset(12),
                IntStream.range(0, 12)
                        .mapToObj(i -> i % 2 == 0 ? Set.of("red", "any") : Set.of("any"))
                        .toList());
        try (ImageClassifier several = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.flatten().multiLabel())
                .epochs(2)
                .fit(data)) {
            double plain = red(several.predict(Pictures.image(1)));
            double mirror = red(several.predict(mirrored(Pictures.image(1))));
            assertThat(red(several.predict(Pictures.image(1), Views.flipped())))
                    .isCloseTo((plain + mirror) / 2, within(ROUNDING));
            assertThat(several.evaluate(data, Views.flipped()).loss())
                    .isNotEqualTo(several.evaluate(data).loss());
        }
    }

    @Test
    void numbersAreAveraged() {
        RegressionDataset data = RegressionDataset.of(
                Pictures.dataset(12),
                IntStream.range(0, 12).mapToDouble(i -> i % 5).toArray());
        try (ImageRegressor regressor = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(2)
                .fit(data)) {
            double plain = regressor.predict(Pictures.image(1)).value();
            double mirror = regressor.predict(mirrored(Pictures.image(1))).value();
            assertThat(regressor.predict(Pictures.image(1), Views.flipped()).value())
                    .isCloseTo((plain + mirror) / 2, within(ROUNDING));
            List<RegressionPrediction> all = regressor.predict(data.images(), Views.flipped());
            double error = IntStream.range(0, 12)
                    .mapToDouble(i -> Math.abs(all.get(i).value() - i % 5))
                    .average()
                    .orElseThrow();
            assertThat(regressor.evaluate(data, Views.flipped()).meanAbsoluteError())
                    .isCloseTo(error, within(1e-6));
        }
    }

    @Test
    void eachViewIsCalibratedAndTheImageItselfIsKnownOrNot() {
        try (ImageClassifier calibrated = classifier.calibrate(Pictures.dataset(60), Pictures.dataset(20))) {
            double plain = red(calibrated.predict(Pictures.image(1)));
            double mirror = red(calibrated.predict(mirrored(Pictures.image(1))));
            Prediction both = calibrated.predict(Pictures.image(1), Views.flipped());
            assertThat(red(both)).isCloseTo((plain + mirror) / 2, within(ROUNDING));
            assertThat(red(both))
                    .isNotCloseTo(red(classifier.predict(Pictures.image(1), Views.flipped())), within(1e-4));
            assertThat(both.novelty())
                    .isCloseTo(calibrated.predict(Pictures.image(1)).novelty(), within(1e-3));
            assertThatIllegalStateException()
                    .isThrownBy(() -> both.set(0.9))
                    .withMessageContaining("mean of several views or classifiers");

            List<Prediction> all = calibrated.predict(Pictures.dataset(7), MANY);
            List<Prediction> single = calibrated.predict(Pictures.dataset(7));
            for (int i = 0; i < 7; i++) {
                assertThat(all.get(i).novelty()).isCloseTo(single.get(i).novelty(), within(1e-3));
                assertThat(all.get(i).isKnown()).isEqualTo(single.get(i).isKnown());
            }
        }
    }

    @Test
    void noViewsAreNoOrdinaryPrediction() {
        assertThatNullPointerException()
                .isThrownBy(() -> classifier.predict(Pictures.image(1), null))
                .withMessage("views");
    }
}
