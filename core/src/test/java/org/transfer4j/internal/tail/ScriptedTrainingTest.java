package org.transfer4j.internal.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/** What a trainer does with its examples, and what it makes of the losses that it is told. */
class ScriptedTrainingTest {
    private static final FitListener NOBODY = new FitListener() {};

    /** The rate of step t, from 0, is 1 / (1 + t). */
    private static final Optimizer OPTIMIZER = Optimizer.sgd(1).decay(1);

    @TempDir
    Path folder;

    /** Examples whose only feature is their number. */
    private FeatureStore examples(int count) {
        FeatureStore store = FeatureStore.create(folder, new long[] {1}, count);
        INDArray numbers = Nd4j.arange(count).castTo(DataType.FLOAT).reshape(count, 1);
        store.append(
                new Batch(numbers, IntStream.range(0, count).map(i -> i % 2).toArray()));
        return store;
    }

    private List<List<Integer>> order(long seed, int epochs) {
        ScriptedTail tail = new ScriptedTail(step -> 1);
        try (FeatureStore examples = examples(10)) {
            new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 4, seed, NOBODY)
                    .train(examples, null, epochs);
        }
        return tail.seen();
    }

    private static List<Integer> epoch(List<List<Integer>> batches, int epoch) {
        return batches.subList(3 * (epoch - 1), 3 * epoch).stream()
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void everyEpochSeesEveryExampleOnceInBatches() {
        List<List<Integer>> batches = order(42, 2);
        assertThat(batches).extracting(List::size).containsExactly(4, 4, 2, 4, 4, 2);
        for (int epoch = 1; epoch <= 2; epoch++) {
            assertThat(epoch(batches, epoch)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        }
    }

    @Test
    void theOrderFollowsFromSeedAndEpoch() {
        List<List<Integer>> batches = order(42, 2);
        assertThat(order(42, 2)).isEqualTo(batches);
        assertThat(epoch(batches, 2)).isNotEqualTo(epoch(batches, 1));
        assertThat(epoch(order(43, 1), 1)).isNotEqualTo(epoch(batches, 1));
        assertThat(epoch(batches, 1))
                .isNotEqualTo(IntStream.range(0, 10).boxed().toList());
    }

    /** The second seed's first epoch must not be a later epoch of the first. */
    @Test
    void seedsThatLieCloseShareNoEpoch() {
        List<List<Integer>> one = order(42, 40);
        List<Integer> next = epoch(order(43, 1), 1);
        for (int epoch = 1; epoch <= 40; epoch++) {
            assertThat(epoch(one, epoch)).as("epoch " + epoch).isNotEqualTo(next);
        }
    }

    @Test
    void lossesAreWeightedByTheSizeOfTheirBatch() {
        ScriptedTail tail = new ScriptedTail(step -> step);
        try (FeatureStore examples = examples(10)) {
            TrainingHistory history = new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 4, 42, NOBODY)
                    .train(examples, null, 2);

            EpochRecord first = history.epochs().get(0);
            assertThat(first.loss()).isCloseTo((4 * 1 + 4 * 2 + 2 * 3) / 10.0, within(1e-12));
            assertThat(first.accuracy()).isEqualTo(0.7);
            assertThat(first.iterations()).isEqualTo(3);
            assertThat(first.learningRate()).isEqualTo(1.0 / 3);
            assertThat(history.epochs().get(1).iterations()).isEqualTo(6);
            assertThat(history.epochs().get(1).learningRate()).isEqualTo(1.0 / 6);
            assertThat(tail.epochs()).isEqualTo(2);
        }
    }

    @Test
    void validationIsMeasuredOverAllExamples() {
        ScriptedTail tail = new ScriptedTail(step -> 1);
        try (FeatureStore examples = examples(4);
                FeatureStore held = examples(5)) {
            EpochRecord record = new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 2, 42, NOBODY)
                    .train(examples, held, 1)
                    .last()
                    .orElseThrow();
            assertThat(record.validationAccuracy()).hasValue(0.6);
            assertThat(record.validationLoss().orElseThrow())
                    .isCloseTo(-(3 * Math.log(0.75) + 2 * Math.log(0.25)) / 5, within(1e-6));
        }
    }

    @Test
    void aLossThatIsNoNumberGoesBackToTheLastGoodEpoch() {
        ScriptedTail tail = new ScriptedTail(step -> step == 8 ? Double.NaN : 1);
        TailTrainer trainer = new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 4, 42, NOBODY);
        try (FeatureStore examples = examples(10)) {
            EarlyEnd end = catchThrowableOfType(EarlyEnd.class, () -> trainer.train(examples, null, 5));

            assertThat(end.isCancelled()).isFalse();
            assertThat(end.reason())
                    .isEqualTo("the loss became NaN at step 8 (epoch 3, learning rate 0.125);"
                            + " take a smaller learning rate or check the data");
        }
        assertThat(tail.weight()).isEqualTo(6);
        assertThat(trainer.history().epochs()).hasSize(2);
    }

    @Test
    void aWeightThatIsNoNumberEndsTheEpoch() {
        ScriptedTail tail = new ScriptedTail(step -> 1);
        TailTrainer trainer = new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 4, 42, new FitListener() {
            @Override
            public void batchFinished(long iteration, long images, double loss) {
                if (iteration == 6) {
                    tail.poison();
                }
            }
        });
        try (FeatureStore examples = examples(10)) {
            assertThatThrownBy(() -> trainer.train(examples, null, 5))
                    .isInstanceOf(EarlyEnd.class)
                    .hasMessageContaining("the weights W of layer sum to NaN after step 6 (epoch 2, learning rate");
        }
        assertThat(tail.weight()).isEqualTo(3);
        assertThat(trainer.history().epochs()).hasSize(1);
    }

    @Test
    void anInterruptIsNoFailure() {
        ScriptedTail tail = new ScriptedTail(step -> {
            if (step == 5) {
                throw new CancellationException("interrupted while waiting for images");
            }
            return 1;
        });
        TailTrainer trainer = new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 4, 42, NOBODY);
        try (FeatureStore examples = examples(10)) {
            EarlyEnd end = catchThrowableOfType(EarlyEnd.class, () -> trainer.train(examples, null, 5));
            assertThat(end.isCancelled()).isTrue();
            assertThat(end.reason())
                    .isEqualTo(
                            "a listener or dataset asked for the end (interrupted while waiting for images) in epoch 2, after step 4");
            assertThat(end).hasCauseInstanceOf(CancellationException.class);
        }
        assertThat(tail.weight()).isEqualTo(3);
    }

    @Test
    void anyOtherFailurePassesThrough() {
        ScriptedTail tail = new ScriptedTail(step -> {
            throw new IllegalStateException("broken");
        });
        try (FeatureStore examples = examples(10)) {
            assertThatThrownBy(() -> new TailTrainer(tail, OPTIMIZER, TrainingLoss.crossEntropy(), 4, 42, NOBODY)
                            .train(examples, null, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("broken");
        }
    }
}
