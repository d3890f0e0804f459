package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.training.EpochRecord;

/**
 * A classifier of real digits that was saved in each version of the format. It must load for ever and say the same of the
 * same pixels: never replace the file, add one for each new version of the format.
 */
class GoldenClassifierTest {
    private static final String FORMAT_1 = "classifier-format-1.t4j";
    private static final String FORMAT_2 = "classifier-format-2.t4j";
    private static final String FORMAT_3 = "classifier-format-3.t4j";

    /** What it said when it was saved, of the first four digits: the probability of each class. */
    private static final double[][] PROBABILITIES = {
        {0.9997455, 0.0000016, 0.0000000, 0.0000075, 0.0000076, 0.0000125, 0.0000079, 0.0000173, 0.0001919, 0.0000082},
        {0.0001174, 0.8715526, 0.0071989, 0.0014409, 0.0267734, 0.0038380, 0.0004523, 0.0032920, 0.0778334, 0.0075009},
        {0.0000004, 0.0513036, 0.5116559, 0.0017641, 0.0025361, 0.0029667, 0.0000228, 0.0000727, 0.4280626, 0.0016149},
        {0.0006190, 0.0006236, 0.0157490, 0.7675743, 0.0044513, 0.0065867, 0.0033743, 0.0078340, 0.0053117, 0.1878760}
    };

    private final ImageDataset digits = SampleDatasets.digits().limit(4);

    @TempDir
    Path folder;

    private static ImageClassifier golden() {
        return golden(FORMAT_3);
    }

    private static ImageClassifier golden(String name) {
        return ImageClassifier.load(GoldenFiles.path("model/" + name));
    }

    @ParameterizedTest
    @ValueSource(strings = {FORMAT_1, FORMAT_2, FORMAT_3})
    void itPredictsWhatItDid(String name) {
        try (ImageClassifier classifier = golden(name)) {
            assertThat(classifier.classNames()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
            List<Prediction> predictions = classifier.predict(digits);
            for (int i = 0; i < 4; i++) {
                assertThat(predictions.get(i).label()).isEqualTo(Integer.toString(i));
                for (ClassScore score : predictions.get(i).top(10)) {
                    assertThat(score.probability())
                            .as("digit %s, class %s", i, score.label())
                            .isCloseTo(PROBABILITIES[i][score.classIndex()], within(1e-6));
                }
            }
        }
    }

    /** Of layers that DL4J has in part: {@code keras_models/hard.keras} with a head for digits. */
    @Test
    void layersThatDl4jHasInPartAreReadOfAFormerVersion() {
        try (ImageClassifier classifier = golden("hard-format-2.t4j")) {
            List<Prediction> predictions = classifier.predict(digits);
            double[] six = {0.9384477, 0.9999877, 0.9969538, 0.9882747};
            for (int i = 0; i < six.length; i++) {
                assertThat(predictions.get(i).top(1).get(0).classIndex()).isEqualTo(6);
                assertThat(predictions.get(i).probability()).isCloseTo(six[i], within(1e-5));
            }
        }
    }

    @Test
    void allThatCanBeAskedOfItIsThere() {
        try (ImageClassifier classifier = golden()) {
            assertThat(classifier.history().epochs()).hasSize(5);
            EpochRecord last = classifier.history().last().orElseThrow();
            assertThat(last.validationAccuracy().orElseThrow()).isGreaterThan(0.8);
            assertThat(classifier.summary())
                    .contains("Model: \"residual\"")
                    .contains("block_add")
                    .contains("Total params: 6,710")
                    .contains("Non-trainable params: 292");
            assertThat(classifier.toComputationGraph().numParams()).isEqualTo(6_710);
        }
    }

    @Test
    void whatItIsSavedAsPredictsTheSame() {
        Path copy = folder.resolve("copy.t4j");
        try (ImageClassifier classifier = golden()) {
            classifier.save(copy);
            try (ImageClassifier again = ImageClassifier.load(copy)) {
                assertThat(again.predict(digits).toString())
                        .isEqualTo(classifier.predict(digits).toString());
                assertThat(again.history()).isEqualTo(classifier.history());
            }
        }
    }

    /** Writes the golden file of a new version of the format into the folder that is given: the same classifier again. */
    public static void main(String[] arguments) throws IOException {
        Path file = Files.createDirectories(Path.of(arguments[0])).resolve(FORMAT_3);
        try (ImageClassifier classifier = golden(FORMAT_2)) {
            classifier.save(file);
        }
    }
}
