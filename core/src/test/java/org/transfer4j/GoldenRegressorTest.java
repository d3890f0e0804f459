package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.testing.GoldenFiles;

/** A regressor that was saved once is read by every later version, and predicts what it did. */
class GoldenRegressorTest {
    private static final String FORMAT_2 = "regressor-format-2.t4j";
    private static final String FORMAT_3 = "regressor-format-3.t4j";

    /** Of the first digits, what the number is and how much ink there is, as they were predicted then. */
    private static final double[][] NUMBERS = {
        {4.141478, 19.144743}, {4.497216, 19.574505}, {4.593264, 19.618181}, {4.399333, 19.397235}
    };

    private static RegressionDataset digits() {
        ImageDataset digits = SampleDatasets.digits().limit(200);
        return RegressionDataset.of(
                        digits,
                        IntStream.range(0, digits.size())
                                .mapToObj(i -> new double[] {
                                    Integer.parseInt(digits.label(i)),
                                    digits.image(i).sumNumber().doubleValue() / 255
                                })
                                .toArray(double[][]::new))
                .named("number", "ink");
    }

    @ParameterizedTest
    @ValueSource(strings = {FORMAT_2, FORMAT_3})
    void itPredictsWhatItDid(String name) {
        try (ImageRegressor regressor = ImageRegressor.load(GoldenFiles.path("model/" + name))) {
            assertThat(regressor.targetNames()).containsExactly("number", "ink");
            List<RegressionPrediction> predictions =
                    regressor.predict(digits().images().limit(NUMBERS.length));
            for (int i = 0; i < NUMBERS.length; i++) {
                assertThat(predictions.get(i).value("number")).isCloseTo(NUMBERS[i][0], within(1e-4));
                assertThat(predictions.get(i).value("ink")).isCloseTo(NUMBERS[i][1], within(1e-4));
            }
            assertThat(NUMBERS).hasDimensions(4, 2);
            assertThat(regressor.history().epochs()).hasSize(30);
            assertThat(regressor.evaluate(digits()).target("ink").correlation()).isGreaterThan(0.6);
            assertThat(regressor.learner().toString()).contains("Linear[targets of the data]");
        }
    }

    /** Writes the golden file of a new version of the format into the folder that is given: the same regressor again. */
    public static void main(String[] arguments) throws IOException {
        Path file = Files.createDirectories(Path.of(arguments[0])).resolve(FORMAT_3);
        try (ImageRegressor regressor = ImageRegressor.load(GoldenFiles.path("model/" + FORMAT_2))) {
            regressor.save(file);
        }
    }
}
