package org.transfer4j.internal.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/** Epochs over stored features, on our own tail and on DL4J's. */
class TailTrainerTest {
    private static final int WIDTH = 60;
    private static final int CLASSES = 3;
    private static final FitListener SILENT = new FitListener() {};

    @TempDir
    Path folder;

    private FeatureStore training;
    private FeatureStore heldOut;

    @BeforeEach
    void store() {
        training = stored(300, 1);
        heldOut = stored(70, 2);
    }

    private FeatureStore stored(int rows, long seed) {
        FeatureStore store = FeatureStore.create(folder, new long[] {WIDTH}, rows);
        store.append(new Batch(TestHead.features(rows, WIDTH, seed), TestHead.classIndices(rows, CLASSES, seed)));
        return store;
    }

    @AfterEach
    void close() {
        training.close();
        heldOut.close();
    }

    @Test
    void theHistoryIsThatOfDl4j() {
        Network graph = TestHead.on(WIDTH).dense(16).classes(CLASSES);
        Optimizer optimizer = Optimizer.of(new Sgd(new InverseSchedule(ScheduleType.ITERATION, 0.05, 0.01, 1)));
        TrainingLoss loss = TrainingLoss.crossEntropy();
        try (Tail ours = TestHead.dense(graph, optimizer, loss);
                Tail dl4js = TestHead.reference(graph, optimizer, loss)) {
            TrainingHistory history = new TailTrainer(ours, optimizer, loss, 64, 5, SILENT).train(training, heldOut, 4);
            TrainingHistory expected =
                    new TailTrainer(dl4js, optimizer, loss, 64, 5, SILENT).train(training, heldOut, 4);
            for (int i = 0; i < 4; i++) {
                EpochRecord epoch = history.epochs().get(i);
                EpochRecord other = expected.epochs().get(i);
                assertThat(epoch.loss()).isCloseTo(other.loss(), within(1e-4));
                assertThat(epoch.accuracy()).isCloseTo(other.accuracy(), within(0.004));
                assertThat(epoch.validationLoss().getAsDouble())
                        .isCloseTo(other.validationLoss().getAsDouble(), within(1e-4));
                assertThat(epoch.learningRate()).isEqualTo(other.learningRate());
                assertThat(epoch.iterations()).isEqualTo(5L * (i + 1));
            }
            assertThat(history.epochs().get(3).loss())
                    .isLessThan(history.epochs().get(0).loss());
        }
    }

    @Test
    void aRateThatIsTooHighEndsWithTheLastGoodWeights() {
        Network graph = TestHead.on(WIDTH).dense(16).classes(CLASSES);
        try (Tail tail = TestHead.dense(graph, new Sgd(1e30))) {
            Map<String, float[]> before = TestHead.values(tail);
            assertThatThrownBy(
                            () -> new TailTrainer(tail, Optimizer.sgd(1e30), TrainingLoss.crossEntropy(), 64, 5, SILENT)
                                    .train(training, null, 3))
                    .isInstanceOfSatisfying(EarlyEnd.class, end -> {
                        assertThat(end.isCancelled()).isFalse();
                        assertThat(end.reason()).contains("smaller learning rate");
                    });
            assertThat(TestHead.values(tail)).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void anInterruptedTrainingEndsAndTheFeaturesStayReadable() {
        try (Tail tail = TestHead.dense(TestHead.on(WIDTH).classes(CLASSES), new Sgd(0.1))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(
                            () -> new TailTrainer(tail, Optimizer.sgd(0.1), TrainingLoss.crossEntropy(), 64, 5, SILENT)
                                    .train(training, null, 3))
                    .isInstanceOfSatisfying(
                            EarlyEnd.class, end -> assertThat(end.isCancelled()).isTrue());
            assertThat(Thread.interrupted()).isTrue();
            assertThat(new TailTrainer(tail, Optimizer.sgd(0.1), TrainingLoss.crossEntropy(), 64, 5, SILENT)
                            .train(training, null, 1)
                            .epochs())
                    .hasSize(1);
        }
    }
}
