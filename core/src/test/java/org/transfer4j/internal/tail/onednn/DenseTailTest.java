package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.training.Optimizer;

class DenseTailTest {
    private static final int WIDTH = 300;

    @Test
    void isChosenForDenseHeads() {
        Network graph = TestHead.on(WIDTH).dense(20).classes(4);
        try (Tail tail =
                TailCompiler.compile(graph, new TailSettings(Optimizer.adam(0.001), TrainingLoss.crossEntropy(), 1))) {
            assertThat(tail).isInstanceOf(OneDnnTail.class);
            assertThat(tail.parameters().get("dense_20").get("W").shape()).containsExactly(20, WIDTH);
            assertThat(tail.parameters().get("predictions").get("b").shape()).containsExactly(4);
        }
    }

    /** It may look at more than one number at a time. */
    @Test
    void anUpdaterOfUnknownKindGetsAllParametersAtOnce() {
        AtomicInteger made = new AtomicInteger();
        IUpdater own = new Sgd(0.1) {
            @Override
            public Sgd clone() {
                return this;
            }

            @Override
            public GradientUpdater<?> instantiate(INDArray state, boolean initialize) {
                made.incrementAndGet();
                return super.instantiate(state, initialize);
            }
        };
        Network graph = TestHead.on(WIDTH).dense(400).classes(4);
        try (Tail tail = TestHead.dense(graph, Optimizer.of(own), TrainingLoss.crossEntropy());
                Tail dl4js = TestHead.reference(graph, Optimizer.of(new Sgd(0.1)), TrainingLoss.crossEntropy())) {
            Batch batch = new Batch(TestHead.features(20, WIDTH, 1), TestHead.classIndices(20, 4, 1));
            assertThat(tail.train(batch, 0.1).loss())
                    .isCloseTo(dl4js.train(batch, 0.1).loss(), within(1e-5));
            assertThat(TestHead.values(tail).get("predictions/b"))
                    .containsExactly(TestHead.values(dl4js).get("predictions/b"), within(1e-5f));
            assertThat(made).hasValue(1);
        }
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        Network graph = TestHead.on(WIDTH).dropout(0.3).dense(40).dropout(0.5).classes(4);
        assertThat(trained(graph, new Adam(), 1)).usingRecursiveComparison().isEqualTo(trained(graph, new Adam(), 1));
        assertThat(trained(graph, new Sgd(0.1), 1))
                .usingRecursiveComparison()
                .isEqualTo(trained(graph, new Sgd(0.1), 1));
        assertThat(trained(graph, new Sgd(0.1), 1).get("predictions/b"))
                .isNotEqualTo(trained(graph, new Sgd(0.1), 2).get("predictions/b"));
    }

    private static Map<String, float[]> trained(Network graph, IUpdater updater, long seed) {
        TailSettings settings = new TailSettings(Optimizer.of(updater), TrainingLoss.crossEntropy(), seed);
        try (Tail tail = TailCompiler.compile(graph, settings);
                Tail start = TestHead.dense(graph, updater)) {
            TestHead.copy(start, tail);
            for (int step = 0; step < 10; step++) {
                int size = step % 4 == 3 ? 50 : 128;
                tail.train(new Batch(TestHead.features(size, WIDTH, step), TestHead.classIndices(size, 4, step)), 0.1);
            }
            return TestHead.values(tail);
        }
    }

    @Test
    void dropoutIsForTrainingOnly() {
        try (Tail with = TestHead.dense(TestHead.on(WIDTH).dropout(0.5).classes(4), new Sgd(0.1));
                Tail without = TestHead.dense(TestHead.on(WIDTH).classes(4), new Sgd(0.1))) {
            Batch batch = new Batch(TestHead.features(64, WIDTH, 1), TestHead.classIndices(64, 4, 1));
            try (INDArray a = with.probabilities(batch);
                    INDArray b = without.probabilities(batch)) {
                assertThat(a).isEqualTo(b);
            }
            assertThat(with.train(batch, 0.1).loss())
                    .isNotEqualTo(without.train(batch, 0.1).loss());
        }
    }

    @Test
    void whatDropoutDropsMovesNoWeight() {
        Network graph = TestHead.on(6).dense(50).dropout(0.5).classes(4);
        try (Tail tail = TestHead.dense(graph, new Sgd(0.1))) {
            Map<String, float[]> before = TestHead.values(tail);
            tail.train(new Batch(TestHead.features(1, 6, 1), new int[] {2}), 0.1);
            float[] weights = TestHead.values(tail).get("predictions/W");
            int moved = 0;
            for (int unit = 0; unit < 50; unit++) {
                moved += weights[unit * 4] == before.get("predictions/W")[unit * 4] ? 0 : 1;
            }
            // a half is not active, of the rest a half is dropped
            assertThat(moved).isBetween(4, 24);
            assertThat(TestHead.values(tail).get("dense_50/W")).isNotEqualTo(before.get("dense_50/W"));
        }
    }

    @Test
    void probabilitiesAreRightFromManyThreads() throws Exception {
        Network graph = TestHead.on(WIDTH).dense(20).classes(4);
        try (Tail tail = TestHead.dense(graph, new Sgd(0.1))) {
            List<INDArray> inputs = new ArrayList<>();
            List<INDArray> expected = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                inputs.add(TestHead.features(1 + 13 * i, WIDTH, i));
                expected.add(tail.probabilities(Batch.unlabelled(inputs.get(i))));
            }
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                int which = i % 8;
                answers.add(threads.submit(() -> {
                    try (INDArray answer = tail.probabilities(Batch.unlabelled(inputs.get(which)))) {
                        return answer.equals(expected.get(which));
                    }
                }));
            }
            threads.shutdown();
            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @Test
    void aPartOfAnArrayIsReadWhereItLies() {
        try (Tail tail = TestHead.dense(TestHead.on(WIDTH).classes(4), new Sgd(0.1))) {
            INDArray all = TestHead.features(30, WIDTH, 1);
            INDArray some = all.get(NDArrayIndex.interval(10, 15));
            try (INDArray a = tail.probabilities(Batch.unlabelled(some));
                    INDArray b = tail.probabilities(Batch.unlabelled(some.dup('c')))) {
                assertThat(a).isEqualTo(b);
            }
            assertThatThrownBy(() -> tail.probabilities(Batch.unlabelled(all.dup('f'))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("C order");
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Tail tail = TestHead.dense(TestHead.on(WIDTH).classes(4), new Sgd(0.1))) {
            Batch narrow = Batch.unlabelled(TestHead.features(5, WIDTH - 1, 1));
            assertThatThrownBy(() -> tail.train(narrow, 0.1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[n > 0, 300], got [5, 299]");
            assertThatThrownBy(() -> tail.probabilities(narrow)).isInstanceOf(IllegalArgumentException.class);
            INDArray features = TestHead.features(2, WIDTH, 1);
            assertThatThrownBy(() -> tail.train(new Batch(features, new int[] {0, 4}), 0.1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("less than 4, got 4");
            assertThatThrownBy(() -> tail.train(new Batch(features, new int[] {-1, 0}), 0.1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Batch(features, new int[3]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2 rows");
        }
    }

    @Test
    void nativeMemoryDoesNotGrowWithStepsAndGoesAtClose() {
        long before = Pointer.totalBytes();
        long room = 64L * (WIDTH + 2 * 34) * Float.BYTES;
        INDArray features = TestHead.features(128, WIDTH, 1);
        Batch large = new Batch(features, TestHead.classIndices(128, 4, 1));
        Batch small = new Batch(features.get(NDArrayIndex.interval(0, 50)), TestHead.classIndices(50, 4, 1));
        try (Tail tail =
                TestHead.dense(TestHead.on(WIDTH).dense(30).dropout(0.5).classes(4), new Sgd(0.1))) {
            long after = 0;
            for (int step = 0; step < 200; step++) {
                tail.train(large, 0.1);
                tail.train(small, 0.1);
                tail.probabilities(large).close();
                tail.probabilities(small).close();
                after = step == 5 ? Pointer.totalBytes() : after;
            }
            // a worker that had nothing to do before may have got its memory in the meantime
            assertThat(Pointer.totalBytes()).isGreaterThan(before).isLessThan(after + 2L * Workers.COUNT * room);
        }
        assertThat(Pointer.totalBytes()).isLessThan(before + room);
    }

    @Test
    void isNotUsedAfterClose() {
        Tail tail = TestHead.dense(TestHead.on(WIDTH).dense(7).classes(4), new Adam());
        Batch batch = Batch.unlabelled(TestHead.features(5, WIDTH, 1));
        tail.train(batch, 0.1);
        tail.close();
        tail.close();
        assertThatThrownBy(() -> tail.train(batch, 0.1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> tail.probabilities(batch)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tail::parameters).isInstanceOf(IllegalStateException.class);
    }
}
