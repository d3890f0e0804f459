package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Leftovers;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
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
        EPOCH_STARTED,
        BATCH_FINISHED,
        EPOCH_FINISHED,
        FIT_FINISHED
    }

    private record Failing(Event event) implements FitListener {
        private void at(Event now) {
            if (now == event) {
                throw new IllegalStateException("not with me: " + now);
            }
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

    @ParameterizedTest
    @EnumSource(Event.class)
    void anExceptionEndsTheFitAndLeavesNothingBehind(Event event) {
        try (TemporaryFolder temporary = new TemporaryFolder()) {
            assertThatThrownBy(() -> learner.listener(new Failing(event)).fit(Pictures.dataset(200)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("not with me: " + event);

            assertThat(Leftovers.files(temporary.path())).isEmpty();
            assertThat(Leftovers.threads()).isEmpty();
        }
        int completed = event.compareTo(Event.EPOCH_FINISHED) < 0 ? 0 : event == Event.EPOCH_FINISHED ? 1 : 2;
        assertThat(recording.events)
                .as("the others are told that it is over, once")
                .endsWith("fit done " + completed)
                .containsOnlyOnce("fit done " + completed);
    }

    @Test
    void anExceptionEndsAFitThatReadsImagesInEachEpoch() {
        assertThatThrownBy(() -> learner.unfreezeAll()
                        .listener(new Failing(Event.BATCH_FINISHED))
                        .fit(Pictures.dataset(200)))
                .hasMessageContaining("not with me");
        assertThat(Leftovers.threads()).isEmpty();
    }
}
