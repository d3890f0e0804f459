package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

/** A default fit learns from features of any size, and its classifier takes them as they are. */
class FeatureScaleTest {
    private static final DatasetSplit DIGITS =
            SampleDatasets.digits().shuffle(1).limit(400).split(0.5, 1);

    @TempDir
    Path folder;

    /** Random weights on pixels of 0..255: features in the hundreds, most of them much the same in all images. */
    private static TransferLearner large() {
        return TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .inputSize(8, 8)
                .preprocessing(ImagePreprocessing.none());
    }

    private static double accuracy(TransferLearner learner) {
        try (ImageClassifier classifier = learner.fit(DIGITS.train())) {
            return classifier.evaluate(DIGITS.test()).accuracy();
        }
    }

    @Test
    void largeFeaturesAreLearnedFromAsWellAsSmallOnes() {
        double small = accuracy(large().preprocessing(ImagePreprocessing.unit()));
        assertThat(accuracy(large())).isGreaterThan(small - 0.03);
    }

    @Test
    void theClassifierAndItsFilesPredictWhatValidationMeasured() throws Exception {
        TransferLearner learner = large().validation(DIGITS.test())
                .checkpoints(Checkpoints.in(folder).bestModel());
        try (ImageClassifier classifier = learner.fit(DIGITS.train())) {
            List<EpochRecord> epochs = classifier.history().epochs();
            double last = epochs.get(epochs.size() - 1).validationLoss().orElseThrow();
            assertThat(classifier.evaluate(DIGITS.test()).loss()).isCloseTo(last, within(1e-4));
            double best = epochs.stream()
                    .mapToDouble(epoch -> epoch.validationLoss().orElseThrow())
                    .min()
                    .orElseThrow();
            try (ImageClassifier kept = ImageClassifier.load(model())) {
                assertThat(kept.evaluate(DIGITS.test()).loss()).isCloseTo(best, within(1e-4));
            }
        }
    }

    private Path model() throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".t4j"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aChosenOptimizerLearnsFromFeaturesAsTheyAre() {
        // the same steps, but for features a hundred times as large as they should be
        TransferLearner chosen = large().optimizer(Optimizer.adam(1e-3));
        try (ImageClassifier given = chosen.fit(DIGITS.train());
                ImageClassifier byDefault = large().fit(DIGITS.train())) {
            assertThat(given.history().epochs())
                    .hasSameSizeAs(byDefault.history().epochs());
            assertThat(given.history().epochs().get(0).loss())
                    .isGreaterThan(2 * byDefault.history().epochs().get(0).loss());
        }
    }

    /** The checkpoint's weights are for scaled features, which nobody has computed when it goes on. */
    @Test
    void aTrainingStoppedAsItGoesOnIsThatOfItsCheckpoint() {
        TransferLearner kept = large().checkpoints(Checkpoints.in(folder));
        TrainingStoppedException first = stopped(kept.listener(new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                if (record.epoch() == 5) {
                    throw new CancellationException("enough");
                }
            }
        }));
        FitListener impatient = new FitListener() {
            @Override
            public void featuresStarted(long images) {
                throw new CancellationException("not today");
            }
        };
        TrainingStoppedException second = stopped(kept.listener(impatient));
        try (ImageClassifier expected = first.classifier();
                ImageClassifier classifier = second.classifier()) {
            assertThat(second).hasMessageContaining("after 5 complete epochs");
            assertThat(classifier.history()).isEqualTo(expected.history());
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(expected.toComputationGraph()));
        }
        try (ImageClassifier resumed = kept.fit(DIGITS.train());
                ImageClassifier uninterrupted = large().fit(DIGITS.train())) {
            assertThat(Bits.of(resumed.toComputationGraph())).isEqualTo(Bits.of(uninterrupted.toComputationGraph()));
        }
    }

    /** Its moments are of weights for features hundreds of times as small: a file has none, and goes on alike. */
    @Test
    void whatTheOptimizerRemembersOfScaledFeaturesIsForgotten() {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier first = large().fit(DIGITS.train())) {
            first.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file);
                    ImageClassifier fromFile = further(loaded);
                    ImageClassifier fromMemory = further(first)) {
                assertThat(Bits.of(fromMemory.toComputationGraph())).isEqualTo(Bits.of(fromFile.toComputationGraph()));
            }
        }
    }

    private static ImageClassifier further(ImageClassifier classifier) {
        return classifier.learner().epochs(2).fit(DIGITS.train());
    }

    private static TrainingStoppedException stopped(TransferLearner learner) {
        return catchThrowableOfType(TrainingStoppedException.class, () -> learner.fit(DIGITS.train()));
    }
}
