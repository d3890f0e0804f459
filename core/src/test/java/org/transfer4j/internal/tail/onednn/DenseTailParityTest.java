package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.Tail;

/** The numbers are DL4J's. */
@ExtendWith(OneOpenMpThread.class)
class DenseTailParityTest {
    private static final int CLASSES = 5;

    /** Full batches, then a short one, and again: memory is used again. */
    private static final List<Integer> BATCHES = List.of(37, 37, 3, 37, 37, 3, 64, 1);

    static Stream<Arguments> cases() {
        List<IUpdater> updaters = List.of(
                new Sgd(0.1),
                new Sgd(new InverseSchedule(ScheduleType.ITERATION, 0.1, 0.5, 1)),
                new Sgd(new StepSchedule(ScheduleType.EPOCH, 0.1, 0.5, 1)),
                new Adam(0.01),
                Adam.builder()
                        .learningRate(0.01)
                        .learningRateSchedule(new InverseSchedule(ScheduleType.ITERATION, 0.01, 0.5, 1))
                        .beta1(0.8)
                        .beta2(0.95)
                        .epsilon(1e-6)
                        .build(),
                new Nesterovs(0.05, 0.9),
                new RmsProp(0.01),
                new AdaGrad(0.05),
                new AdaDelta(),
                new Nadam(0.01),
                new AMSGrad(0.01),
                new NoOp());
        return updaters.stream()
                .flatMap(updater -> Stream.of(
                        Arguments.of(updater, TestHead.on(23).classes(CLASSES)),
                        Arguments.of(
                                updater,
                                TestHead.on(23)
                                        .dense(17)
                                        .dense(31, layer -> layer.activation(Activation.IDENTITY))
                                        .classes(CLASSES))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsLossesAndRatesAreThoseOfDl4j(IUpdater updater, Network graph) {
        try (Tail ours = TestHead.dense(graph, updater);
                Tail dl4js = TestHead.reference(graph, updater)) {
            int step = 0;
            for (int size : BATCHES) {
                INDArray features = TestHead.features(size, 23, step);
                Batch batch = new Batch(features, TestHead.classIndices(size, CLASSES, step));
                double rate = updater.hasLearningRate() ? updater.getLearningRate(step, step / 3) : Double.NaN;
                Tail.StepResult result = ours.train(batch, rate);
                Tail.StepResult expected = dl4js.train(batch, rate);
                assertThat(result.loss()).isCloseTo(expected.loss(), within(2e-5 * Math.max(1, expected.loss())));
                assertThat(result.correct()).isEqualTo(expected.correct());
                if (step % 3 == 2) {
                    ours.endEpoch();
                    dl4js.endEpoch();
                }
                step++;
            }
            assertSameParameters(ours, dl4js, 2e-5f);
            Batch unseen = Batch.unlabelled(TestHead.features(50, 23, 99));
            try (INDArray probabilities = ours.probabilities(unseen);
                    INDArray expected = dl4js.probabilities(unseen)) {
                assertThat(probabilities.shape()).containsExactly(50, CLASSES);
                assertThat(probabilities.distance1(expected) / 50).isLessThan(1e-5);
            }
        }
    }

    @Test
    void manyParametersInManyBlocksAreUpdatedAlike() {
        assertSameSteps(TestHead.on(900).dense(150).classes(CLASSES), 900);
    }

    @Test
    void largeLayersWhoseOutputsThreadsShareAreTheSame() {
        assertSameSteps(TestHead.on(8200).dense(129).dense(20).classes(CLASSES), 8200);
    }

    private static void assertSameSteps(Network graph, int width) {
        for (IUpdater updater : List.of(new RmsProp(0.001), new Adam(0.001), new Sgd(0.01))) {
            try (Tail ours = TestHead.dense(graph, updater);
                    Tail dl4js = TestHead.reference(graph, updater)) {
                for (int step = 0; step < 3; step++) {
                    Batch batch = new Batch(
                            TestHead.features(128 - step, width, step),
                            TestHead.classIndices(128 - step, CLASSES, step));
                    double rate = updater.getLearningRate(step, 0);
                    assertThat(ours.train(batch, rate).loss())
                            .isCloseTo(dl4js.train(batch, rate).loss(), within(1e-4));
                }
                assertSameParameters(ours, dl4js, 1e-4f);
            }
        }
    }

    @Test
    void logitsBeyondEveryExponentAreAsInDl4j() {
        Network graph = TestHead.on(4).classes(3);
        try (Tail ours = TestHead.dense(graph, new Sgd(0.1));
                Tail dl4js = TestHead.reference(graph, new Sgd(0.1))) {
            for (Tail tail : List.of(ours, dl4js)) {
                tail.parameters().get("predictions").get("W").muli(1e6);
            }
            Batch batch = new Batch(TestHead.features(9, 4, 1), TestHead.classIndices(9, 3, 1));
            Tail.StepResult result = ours.train(batch, 0.1);
            assertThat(result.loss()).isFinite().isGreaterThan(1);
            assertThat(result.loss()).isCloseTo(dl4js.train(batch, 0.1).loss(), within(1e-4));
            assertSameParameters(ours, dl4js, 1f);
        }
    }

    @Test
    void whatIsNoNumberShowsInTheLoss() {
        Network graph = TestHead.on(4).dense(6).classes(3);
        try (Tail tail = TestHead.dense(graph, new Sgd(0.1))) {
            INDArray features = TestHead.features(9, 4, 1);
            features.putScalar(5, 2, Float.NaN);
            assertThat(tail.train(new Batch(features, new int[9]), 0.1).loss()).isNaN();
        }
        try (Tail tail = TestHead.dense(graph, new Sgd(0.1))) {
            tail.parameters().get("predictions").get("W").muli(Float.POSITIVE_INFINITY);
            assertThat(tail.train(new Batch(TestHead.features(9, 4, 1), new int[9]), 0.1)
                            .loss())
                    .isNaN();
        }
    }

    private static void assertSameParameters(Tail ours, Tail dl4js, float tolerance) {
        Map<String, float[]> values = TestHead.values(ours);
        Map<String, float[]> expected = TestHead.values(dl4js);
        assertThat(values.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, those) -> {
            float[] these = values.getOrDefault(name, new float[0]);
            assertThat(these).as(name).hasSameSizeAs(those);
            // in a plain loop: there may be a million of them
            for (int i = 0; i < those.length; i++) {
                if (!(Math.abs(these[i] - those[i]) <= tolerance)) {
                    assertThat(these[i]).as("%s[%d]", name, i).isCloseTo(those[i], within(tolerance));
                }
            }
        });
    }
}
