package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ImageException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Leftovers;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

/** Fits that do not get to their last epoch. */
class FitEndTest {
    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(10)
            .epochs(3);

    @AfterEach
    void noInterruptIsLeft() {
        Thread.interrupted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "none"})
    void aBatchOfAllImagesMayBeSaidByTheLargestNumber(String freeze) {
        ImageDataset data = Pictures.dataset(12);
        TransferLearner all = frozen(learner, freeze).batchSize(Integer.MAX_VALUE);
        try (ImageClassifier classifier = all.fit(data);
                ImageClassifier other = frozen(learner, freeze).batchSize(12).fit(data)) {
            assertThat(classifier.history().epochs()).hasSize(3);
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(other.toComputationGraph()));
        }
        assertThat(all.estimate(data).toString()).isNotEmpty();
    }

    private static TransferLearner frozen(TransferLearner learner, String freeze) {
        return switch (freeze) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(freeze);
        };
    }

    private static TrainingStoppedException stopped(TransferLearner learner) {
        TrainingStoppedException stopped =
                catchThrowableOfType(TrainingStoppedException.class, () -> learner.fit(Pictures.dataset(40)));
        assertThat(stopped).isNotNull();
        assertThat(Leftovers.threads()).isEmpty();
        return stopped;
    }

    private static void assertWorks(ImageClassifier classifier) {
        assertThat(classifier.predict(Pictures.dataset(4)))
                .allSatisfy(prediction -> assertThat(prediction.top(2))
                        .extracting(ClassScore::probability)
                        .allSatisfy(probability -> assertThat(probability).isBetween(0.0, 1.0)));
    }

    /** Interrupts its thread at one event. */
    private record Interrupting(String event) implements FitListener {
        private void at(String now) {
            if (now.equals(event)) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void featuresStarted(long images) {
            at("features");
        }

        @Override
        public void batchFinished(long iteration, long images, double loss) {
            at("step " + iteration);
        }

        @Override
        public void epochFinished(EpochRecord record) {
            at("epoch " + record.epoch());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "all, step 6, 1",
        "pool1, step 6, 1",
        "none, step 6, 1",
        "all, epoch 2, 2",
        "pool1, epoch 2, 2",
        "none, epoch 2, 2"
    })
    void anInterruptEndsItWithTheLastGoodEpoch(String freeze, String event, int epochs) {
        TransferLearner same = frozen(learner, freeze);

        TrainingStoppedException stopped = stopped(same.listener(new Interrupting(event)));

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        Thread.interrupted();
        assertThat(stopped).hasMessageContaining("interrupted");
        try (ImageClassifier classifier = stopped.classifier();
                ImageClassifier expected = same.epochs(epochs).fit(Pictures.dataset(40))) {
            assertThat(classifier.history().withoutTiming())
                    .isEqualTo(expected.history().withoutTiming());
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(expected.toComputationGraph()));
            assertWorks(classifier);
        }
    }

    /** After the last step of an epoch it is the reading of the validation data that finds out. */
    @ParameterizedTest
    @ValueSource(strings = {"all", "pool1", "none"})
    void anInterruptDuringValidationEndsItAsWell(String freeze) {
        TrainingStoppedException stopped =
                stopped(frozen(learner, freeze).validation(Pictures.dataset(40)).listener(new Interrupting("step 4")));

        Thread.interrupted();
        try (ImageClassifier classifier = stopped.classifier()) {
            assertThat(classifier.history().epochs()).hasSizeLessThan(3);
            assertWorks(classifier);
        }
    }

    @Test
    void anInterruptDuringTheFeaturePassEndsItBeforeTheFirstEpoch() {
        RecordingListener recording = new RecordingListener();

        TrainingStoppedException stopped = stopped(learner.listener(recording).listener(new Interrupting("features")));

        Thread.interrupted();
        assertThat(stopped).hasMessageContaining("interrupted").hasMessageContaining("after 0 complete epochs");
        assertThat(recording.events).endsWith("fit done 0");
        try (ImageClassifier classifier = stopped.classifier()) {
            assertThat(classifier.history().epochs()).isEmpty();
            assertWorks(classifier);
        }
    }

    /** As on a full disk: what was learned is worth more than what could not be kept of it. */
    @Test
    void aCheckpointThatCannotBeWrittenLosesNothing(@TempDir Path parent) throws Exception {
        Path folder = parent.resolve("run");
        FitListener removing = new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                if (record.epoch() == 2) {
                    try {
                        Files.delete(folder.resolve(Checkpoints.FILE));
                        Files.delete(folder.resolve(".transfer4j-training.lock"));
                        Files.delete(folder);
                        Files.createFile(folder);
                    } catch (IOException e) {
                        throw new UncheckedIOException("not removed: " + e, e);
                    }
                }
            }
        };

        TrainingStoppedException stopped =
                stopped(learner.checkpoints(Checkpoints.in(folder)).listener(removing));

        assertThat(stopped)
                .hasMessageContaining("after 2 complete epochs")
                .hasMessageContaining(folder + " is a file, and a folder is needed");
        try (ImageClassifier classifier = stopped.classifier();
                ImageClassifier expected = learner.epochs(2).fit(Pictures.dataset(40))) {
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(expected.toComputationGraph()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "pool1", "none"})
    void aRateThatDivergesNamesTheStep(String freeze) {
        TransferLearner diverging =
                frozen(learner, freeze).head(Head.flatten().dense(8)).optimizer(Optimizer.sgd(1e30));

        TrainingStoppedException stopped = stopped(diverging);

        assertThat(stopped)
                .hasMessageMatching("(?s).*(at|after) step \\d+ \\(epoch \\d+, learning rate 1\\.0E30\\).*")
                .hasMessageContaining("smaller learning rate");
        try (ImageClassifier classifier = stopped.classifier()) {
            assertWorks(classifier);
        }
    }

    @Test
    void theWeightsAreThoseOfTheLastGoodEpoch() {
        ISchedule suddenlyHuge = new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.01, 2, 1e40));

        TrainingStoppedException stopped = stopped(learner.optimizer(new Sgd(suddenlyHuge)));

        assertThat(stopped).hasMessageContaining("after 2 complete epochs").hasMessageContaining("epoch 3");
        try (ImageClassifier classifier = stopped.classifier();
                ImageClassifier expected =
                        learner.optimizer(new Sgd(0.01)).epochs(2).fit(Pictures.dataset(40))) {
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(expected.toComputationGraph()));
        }
    }

    /** Else it would go on with moments that are no numbers, or of steps that were taken back. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatItsOptimizerRemembersOfABrokenEpochIsForgotten(boolean diverging, @TempDir Path folder) {
        ISchedule suddenlyHuge = new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.01, 1, 0.01, 2, 1e40));
        TrainingStoppedException stopped = stopped(
                diverging
                        ? learner.optimizer(Optimizer.of(new Nesterovs(suddenlyHuge, 0.9)))
                        : learner.optimizer(Optimizer.sgd(0.01).nesterov(0.9)).listener(new Interrupting("step 10")));
        Thread.interrupted();

        try (ImageClassifier classifier = stopped.classifier()) {
            assertThat(classifier.history().epochs()).hasSize(2);
            classifier.save(folder.resolve("model.t4j"));
            // a file has no memory
            try (ImageClassifier loaded = ImageClassifier.load(folder.resolve("model.t4j"));
                    ImageClassifier anew = further(loaded);
                    ImageClassifier second = further(classifier)) {
                assertThat(Bits.of(second.toComputationGraph())).isEqualTo(Bits.of(anew.toComputationGraph()));
            }
        }
    }

    private static ImageClassifier further(ImageClassifier classifier) {
        return classifier
                .learner()
                .optimizer(Optimizer.sgd(0.01).nesterov(0.9))
                .batchSize(10)
                .epochs(1)
                .fit(Pictures.dataset(40));
    }

    @Test
    void aBrokenImageInTheMiddleIsNamed(@TempDir Path folder) throws Exception {
        for (int i = 0; i < 60; i++) {
            Path file = folder.resolve((i % 2 == 0 ? "red" : "blue") + "/" + i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, Pictures.png(i));
        }
        ImageDataset data = ImageDataset.folder(folder);
        Path broken = folder.resolve("red/40.png");
        byte[] bytes = Files.readAllBytes(broken);
        Files.write(broken, Arrays.copyOf(bytes, bytes.length / 2));

        for (String freeze : List.of("all", "none")) {
            RecordingListener recording = new RecordingListener();
            try (TemporaryFolder temporary = new TemporaryFolder()) {
                assertThatThrownBy(() ->
                                frozen(learner, freeze).listener(recording).fit(data))
                        .isInstanceOf(ImageException.class)
                        .hasMessageStartingWith(broken.toString());
                assertThat(Leftovers.files(temporary.path())).isEmpty();
                assertThat(Leftovers.threads()).isEmpty();
            }
            assertThat(recording.events).endsWith("fit done 0");
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, -1, 256})
    void aPixelThatIsNoneIsNamedWithItsImage(float value) {
        INDArray images = Pictures.arrays(40);
        images.putScalar(new int[] {37, 1, 2, 3}, value);

        assertThatThrownBy(() -> learner.fit(ImageDataset.of(images, Pictures.labels(40))))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image 37")
                .hasMessageContaining(Float.toString(value));
    }

    @Test
    void aMissingTemporaryFolderIsNamed() {
        try (TemporaryFolder temporary = new TemporaryFolder()) {
            Path missing = temporary.path().resolve("missing");
            System.setProperty("java.io.tmpdir", missing.toString());
            assertThatThrownBy(() -> learner.fit(Pictures.dataset(200)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("temporary folder " + missing);
            assertThat(Leftovers.threads()).isEmpty();
        }
    }

    @Test
    void aTemporaryFolderThatIsAFileIsNamed() throws Exception {
        try (TemporaryFolder temporary = new TemporaryFolder()) {
            Path file = Files.createFile(temporary.path().resolve("file"));
            System.setProperty("java.io.tmpdir", file.toString());
            assertThatThrownBy(() -> learner.fit(Pictures.dataset(8)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("temporary folder " + file);
        }
    }

    @Test
    void theTemporaryFolderIsEmptyAfterAFit() {
        try (TemporaryFolder temporary = new TemporaryFolder()) {
            learner.validation(Pictures.dataset(4)).fit(Pictures.dataset(40)).close();
            assertThat(temporary.path()).isEmptyDirectory();
            assertThat(Leftovers.threads()).isEmpty();
        }
    }
}
