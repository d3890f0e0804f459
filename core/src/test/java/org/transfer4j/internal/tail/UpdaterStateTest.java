package org.transfer4j.internal.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.OneOpenMpThread;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Optimizer;

/** A training goes on in another tail as if nothing had happened. */
@ExtendWith(OneOpenMpThread.class)
class UpdaterStateTest {
    private static final int WIDTH = 400;
    private static final int CLASSES = 4;

    /** More parameters than one block has, so that one parameter's state lies in several. */
    private static final Network DENSE =
            TestHead.on(WIDTH).dense(170).dropout(0.5).classes(CLASSES);

    private static final Network WHOLE = NetworkPlan.of(
                    TinyBackbones.residual(), 16, 16, Head.globalAveragePooling(), 2, Freeze.NONE)
            .tail();

    static Stream<Optimizer> optimizers() {
        return Stream.of(
                Optimizer.sgd(0.01),
                Optimizer.sgd(0.01).momentum(0.9).weightDecay(0.1),
                Optimizer.sgd(0.01).nesterov(0.9).clipNorm(0.1),
                Optimizer.adamW(0.01).clipValue(0.01),
                Optimizer.rmsProp(0.001),
                Optimizer.of(new AMSGrad(0.01)),
                Optimizer.of(new AdaDelta()));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void ourTrainerGoesOnBitForBit(Optimizer optimizer) {
        try (Tail whole = TestHead.dense(DENSE, optimizer, TrainingLoss.crossEntropy());
                Tail first = TestHead.dense(DENSE, optimizer, TrainingLoss.crossEntropy());
                Tail second = TestHead.dense(DENSE, optimizer, TrainingLoss.crossEntropy())) {
            assertGoesOn(
                    whole,
                    first,
                    second,
                    step -> new Batch(TestHead.features(40, WIDTH, step), TestHead.classIndices(40, CLASSES, step)));
        }
    }

    static Stream<Optimizer> fewOptimizers() {
        return optimizers().skip(1).limit(4);
    }

    @ParameterizedTest
    @MethodSource("fewOptimizers")
    void dl4jGoesOnBitForBit(Optimizer optimizer) {
        try (Tail whole = graphTail(optimizer);
                Tail first = graphTail(optimizer);
                Tail second = graphTail(optimizer)) {
            assertGoesOn(
                    whole,
                    first,
                    second,
                    step -> new Batch(Pictures.arrays(4 + step).div(255), classes(4 + step)));
        }
    }

    private interface Batches {
        Batch of(int step);
    }

    private static void assertGoesOn(Tail whole, Tail first, Tail second, Batches batches) {
        for (int step = 0; step < 4; step++) {
            whole.train(batches.of(step), rate(step));
            if (step == 2) {
                TestHead.copy(first, second);
                second.restore(first.updaterState());
            }
            (step < 2 ? first : second).train(batches.of(step), rate(step));
            if (step == 1) {
                whole.endEpoch();
                first.endEpoch();
            }
        }
        assertThat(TestHead.values(second)).usingRecursiveComparison().isEqualTo(TestHead.values(whole));
        assertThat(second.updaterState()).isEqualTo(whole.updaterState());
        assertThat(second.updaterState().iteration()).isEqualTo(4);
        assertThat(second.updaterState().epoch()).isEqualTo(1);
    }

    private static double rate(int step) {
        return 0.01 / (1 + step);
    }

    private static GraphTail graphTail(Optimizer optimizer) {
        GraphTail tail = new GraphTail(WHOLE, new TailSettings(optimizer, TrainingLoss.crossEntropy(), 1));
        Dl4jGraphs.fill(tail.parameters(), 42);
        return tail;
    }

    private static int[] classes(int count) {
        int[] classes = new int[count];
        for (int i = 0; i < count; i++) {
            classes[i] = i % 2;
        }
        return classes;
    }

    @Test
    void bothTrainersHaveTheSameNamesAndNumbers() {
        Network graph = TestHead.on(50).dense(7).classes(CLASSES);
        Optimizer adam = Optimizer.adam(0.01);
        Batch batch = new Batch(TestHead.features(20, 50, 1), TestHead.classIndices(20, CLASSES, 1));
        try (Tail ours = TestHead.dense(graph, adam, TrainingLoss.crossEntropy());
                Tail dl4js = TestHead.reference(graph, adam, TrainingLoss.crossEntropy())) {
            ours.train(batch, 0.01);
            dl4js.train(batch, 0.01);
            Map<String, INDArray> state = ours.updaterState().values();
            assertThat(state.keySet())
                    .containsExactlyInAnyOrder(
                            "dense_7/W/0",
                            "dense_7/W/1",
                            "dense_7/b/0",
                            "dense_7/b/1",
                            "predictions/W/0",
                            "predictions/W/1",
                            "predictions/b/0",
                            "predictions/b/1");
            dl4js.updaterState()
                    .values()
                    .forEach((name, value) -> assertThat(value.distance2(state.get(name))
                                    / value.norm2Number().doubleValue())
                            .as(name)
                            .isLessThan(1e-5));
            assertThat(dl4js.updaterState().values()).hasSameSizeAs(state);
        }
    }

    /** As when layers are unfrozen. */
    @Test
    void aTailWithMoreLayersTakesWhatThereIs() {
        Network small = TestHead.on(7).classes(CLASSES);
        Network large = TestHead.on(50).dense(7).classes(CLASSES);
        Optimizer momentum = Optimizer.sgd(0.01).momentum(0.9);
        try (Tail head = TestHead.dense(small, momentum, TrainingLoss.crossEntropy());
                Tail more = TestHead.reference(large, momentum, TrainingLoss.crossEntropy())) {
            head.train(new Batch(TestHead.features(20, 7, 1), TestHead.classIndices(20, CLASSES, 1)), 0.01);
            UpdaterState state = head.updaterState();
            more.restore(state);
            Map<String, INDArray> restored = more.updaterState().values();
            assertThat(restored.get("predictions/W/0")).isEqualTo(state.values().get("predictions/W/0"));
            assertThat(restored.get("predictions/W/0").norm2Number().doubleValue())
                    .isPositive();
            assertThat(restored.get("dense_7/W/0").norm2Number().doubleValue()).isZero();
            assertThat(more.updaterState().iteration()).isEqualTo(1);
        }
    }

    @Test
    void whatHasNoPlaceIsRefused() {
        Optimizer momentum = Optimizer.sgd(0.01).momentum(0.9);
        try (Tail tail = TestHead.dense(TestHead.on(7).classes(CLASSES), momentum, TrainingLoss.crossEntropy())) {
            for (String name : List.of("predictions/W/1", "other/W/0", "predictions/W/0")) {
                UpdaterState foreign = new UpdaterState(3, 1, Map.of(name, Nd4j.ones(27)));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> tail.restore(foreign))
                        .withMessageContaining(name)
                        .withMessageContaining("27 values");
            }
            assertThat(tail.updaterState().iteration()).isZero();
        }
    }
}
