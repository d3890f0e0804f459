package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.listener.ListenerGuard;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Leftovers;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.CsvLogger;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.HistoryPlotter;
import org.transfer4j.training.Phase;
import org.transfer4j.training.TrainingHistory;

class FitListenerTest {
    private final RecordingListener recording = new RecordingListener();
    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(4)
            .epochs(2)
            .listener(recording);

    @Test
    void aFitWithValidationIsToldInTheDocumentedOrder() {
        learner.validation(Pictures.dataset(3)).fit(Pictures.dataset(40)).close();

        assertThat(recording.events).hasSize(4 + 3 + 24 + 1);
        assertThat(recording.events)
                .startsWith(
                        "features of 40",
                        "features 32",
                        "features 40",
                        "features done 40",
                        "features of 3",
                        "features 3",
                        "features done 3",
                        "epoch 1/2 of 40",
                        "step 1 images 4",
                        "step 2 images 8")
                .containsSequence("step 10 images 40", "epoch done 1", "epoch 2/2 of 40", "step 11 images 4")
                .endsWith("step 20 images 40", "epoch done 2", "fit done 2");
    }

    @Test
    void nothingFrozenHasNoFeaturePass() {
        learner.unfreezeAll()
                .validation(Pictures.dataset(3))
                .epochs(1)
                .fit(Pictures.dataset(5))
                .close();

        assertThat(recording.events)
                .containsExactly("epoch 1/1 of 5", "step 1 images 4", "step 2 images 5", "epoch done 1", "fit done 1");
    }

    @Test
    void anIteratorDoesNotSayHowMuchThereIs() {
        DataSet data = new DataSet(Pictures.arrays(6), Nd4j.eye(2).repeat(0, 3));
        learner.epochs(1).fit(new ListDataSetIterator<>(data.asList(), 3)).close();

        assertThat(recording.events)
                .startsWith("features of -1", "features 3", "features 6", "features done 6", "epoch 1/1 of 6");
    }

    @Test
    void severalAreToldInTheOrderInWhichTheyWereAdded() {
        List<String> told = new ArrayList<>();
        learner.listener(saying("first", told))
                .listener(saying("second", told))
                .fit(Pictures.dataset(4))
                .close();

        assertThat(told).containsExactly("first", "second", "first", "second");
    }

    private static FitListener saying(String name, List<String> told) {
        return new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                told.add(name);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void frozenFeaturesAreComputedOnceWhateverTheNumberOfEpochs(boolean frozen) {
        AtomicInteger opened = new AtomicInteger();
        ImageDataset counted = ImageDataset.encoded(IntStream.range(0, 12)
                .mapToObj(i -> EncodedImage.of("picture " + i, i % 2 == 0 ? "red" : "blue", () -> {
                    opened.incrementAndGet();
                    return new ByteArrayInputStream(Pictures.png(i));
                }))
                .toList());

        (frozen ? learner : learner.unfreezeAll()).epochs(5).fit(counted).close();

        assertThat(opened).hasValue(frozen ? 12 : 5 * 12);
        assertThat(Collections.frequency(recording.events, "features done 12")).isEqualTo(frozen ? 1 : 0);
    }

    /** Events that a listener may fail at. */
    private enum Event {
        FEATURES_STARTED,
        FEATURES_ADVANCED,
        FEATURES_FINISHED,
        PHASE_STARTED,
        EPOCH_STARTED,
        BATCH_FINISHED,
        EPOCH_FINISHED,
        FIT_FINISHED
    }

    private record Failing(Event event, Supplier<Throwable> failure) implements FitListener {
        private void at(Event now) {
            if (now == event) {
                throwAny(failure.get());
            }
        }

        /** Checked exceptions too, as listeners in other languages of the JVM do. */
        @SuppressWarnings("unchecked")
        private static <E extends Throwable> void throwAny(Throwable failure) throws E {
            throw (E) failure;
        }

        @Override
        public void phaseStarted(int phase, int phases) {
            at(Event.PHASE_STARTED);
        }

        @Override
        public void featuresStarted(long images) {
            at(Event.FEATURES_STARTED);
        }

        @Override
        public void featuresAdvanced(long images) {
            at(Event.FEATURES_ADVANCED);
        }

        @Override
        public void featuresFinished(long images) {
            at(Event.FEATURES_FINISHED);
        }

        @Override
        public void epochStarted(int epoch, int epochs, long images) {
            at(Event.EPOCH_STARTED);
        }

        @Override
        public void batchFinished(long iteration, long images, double loss) {
            at(Event.BATCH_FINISHED);
        }

        @Override
        public void epochFinished(EpochRecord record) {
            at(Event.EPOCH_FINISHED);
        }

        @Override
        public void fitFinished(TrainingHistory history) {
            at(Event.FIT_FINISHED);
        }
    }

    private TransferLearner inTwoPhases() {
        return learner.fineTune(Phase.head().epochs(1), Phase.from("conv2").epochs(1));
    }

    @ParameterizedTest
    @EnumSource(Event.class)
    void aListenerThatFailsIsReportedOnceAndChangesNothing(Event event) {
        List<Supplier<Throwable>> failures = List.of(
                () -> new IllegalStateException("not with me"),
                () -> new InternalError("no fonts"),
                () -> new OutOfMemoryError("of the listener"),
                StackOverflowError::new,
                () -> new IOException("unchecked"));
        TransferLearner twoPhases = inTwoPhases();
        try (LogCapture log = new LogCapture(ListenerGuard.class);
                ImageClassifier undisturbed = twoPhases.fit(Pictures.dataset(40))) {
            List<String> told = List.copyOf(recording.events);
            for (Supplier<Throwable> failure : failures) {
                recording.events.clear();
                log.clear();
                try (ImageClassifier classifier =
                        twoPhases.listener(new Failing(event, failure)).fit(Pictures.dataset(40))) {
                    assertThat(Bits.of(classifier.toComputationGraph()))
                            .isEqualTo(Bits.of(undisturbed.toComputationGraph()));
                }
                assertThat(recording.events).as("the others hear it all").isEqualTo(told);
                assertThat(log.warnings())
                        .singleElement()
                        .satisfies(warning -> assertThat(warning).contains(Failing.class.getName()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Event.class,
            names = {"FIT_FINISHED"},
            mode = EnumSource.Mode.EXCLUDE)
    void aListenerMayAskForTheEnd(Event event) {
        TransferLearner twoPhases = inTwoPhases();
        FitListener asking = new Failing(event, () -> new CancellationException("that will do"));
        try (TemporaryFolder temporary = new TemporaryFolder()) {
            TrainingStoppedException stopped = catchThrowableOfType(
                    TrainingStoppedException.class,
                    () -> twoPhases.listener(asking).fit(Pictures.dataset(40)));

            int completed = event == Event.EPOCH_FINISHED ? 1 : 0;
            assertThat(stopped)
                    .hasMessageContaining("after " + completed + " complete epochs")
                    .hasMessageContaining("that will do");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            try (ImageClassifier classifier = stopped.classifier()) {
                assertThat(classifier.history().epochs()).hasSize(completed);
                assertThat(classifier.predict(Pictures.dataset(4))).hasSize(4);
            }
            assertThat(Leftovers.files(temporary.path())).isEmpty();
            assertThat(Leftovers.threads()).isEmpty();
            assertThat(recording.events)
                    .as("the others are told that it is over, once")
                    .endsWith("fit done " + completed)
                    .containsOnlyOnce("fit done " + completed);
        }
    }

    @Test
    void theEndOfACompleteTrainingIsNoStop() {
        FitListener asking = new Failing(Event.EPOCH_FINISHED, () -> new CancellationException("that will do"));

        learner.epochs(1).listener(asking).fit(Pictures.dataset(8)).close();

        assertThat(recording.events).endsWith("epoch done 1", "fit done 1");
    }

    @Test
    void whatAListenerChecksBeforehandEndsTheFitBeforeAnyWork() {
        FitListener unwilling = new FitListener() {
            @Override
            public void fitStarting() {
                throw new IllegalStateException("no disk");
            }
        };

        assertThatThrownBy(() -> learner.listener(unwilling).fit(Pictures.dataset(8)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no disk");
        assertThat(recording.events).isEmpty();
    }

    @Test
    void filesOfListenersAreTriedBeforeAnyWork(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("missing").resolve("file");
        for (FitListener writing : List.of(
                new CsvLogger(missing),
                new HistoryPlotter(missing),
                new CsvLogger(folder),
                new HistoryPlotter(folder))) {
            assertThatThrownBy(() -> learner.listener(writing).fit(Pictures.dataset(8)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageMatching(".*(there is no folder|but this is a folder).*");
        }
        assertThat(recording.events).isEmpty();

        FitListener csv = new CsvLogger(folder.resolve("a.csv"));
        csv.fitStarting();
        assertThat(folder).as("a trial leaves nothing").isEmptyDirectory();
        Path old = Files.writeString(folder.resolve("old.csv"), "old");
        new CsvLogger(old).fitStarting();
        assertThat(old).hasContent("old");
    }

    @Test
    void figuresAreWrittenOnAnInterruptedThreadToo(@TempDir Path folder) throws Exception {
        Path csv = folder.resolve("figures.csv");
        Path plot = folder.resolve("plot.png");
        FitListener interrupting = new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                Thread.currentThread().interrupt();
            }
        };

        try (LogCapture log = new LogCapture(ListenerGuard.class)) {
            TrainingStoppedException stopped = catchThrowableOfType(
                    TrainingStoppedException.class,
                    () -> learner.listener(interrupting)
                            .listener(new CsvLogger(csv))
                            .listener(new HistoryPlotter(plot))
                            .fit(Pictures.dataset(8)));
            assertThat(Thread.interrupted()).isTrue();
            stopped.classifier().close();
            assertThat(log.warnings()).isEmpty();
        }
        assertThat(Files.readAllLines(csv)).hasSize(2);
        assertThat(plot).isNotEmptyFile();
    }
}
