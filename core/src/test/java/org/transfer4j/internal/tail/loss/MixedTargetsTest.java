package org.transfer4j.internal.tail.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

class MixedTargetsTest {
    private static final Network GRAPH = TestHead.on(6).dense(7).classes(4);
    private static final int[] OWN = {0, 1, 2, 3, 3};
    private static final int[] OTHERS = {1, 1, 0, 2, 0};
    private static final double[] WEIGHTS = {0.75, 0.3, 0.4, 1, 0};

    private static Batch mixed() {
        return new Batch(
                TestHead.features(5, 6, 1),
                IntStream.range(0, OWN.length)
                        .mapToObj(i -> mixed(OWN[i], OTHERS[i], WEIGHTS[i]))
                        .toList());
    }

    private static Target mixed(int own, int other, double share) {
        return Target.mixed(new Target.OneClass(own), new Target.OneClass(other), share);
    }

    private static double expectedLoss(Tail tail) {
        double loss = 0;
        try (INDArray probabilities = tail.probabilities(mixed())) {
            for (int i = 0; i < OWN.length; i++) {
                loss -= WEIGHTS[i] * Math.log(probabilities.getDouble(i, OWN[i])) / OWN.length;
                loss -= (1 - WEIGHTS[i]) * Math.log(probabilities.getDouble(i, OTHERS[i])) / OWN.length;
            }
        }
        return loss;
    }

    @Test
    void theLossIsTheWeightedSumOfTwoAndBothTrainersFollowIt() {
        try (Tail ours = TestHead.dense(GRAPH, new Sgd(0.2));
                Tail dl4js = TestHead.reference(GRAPH, new Sgd(0.2))) {
            for (int step = 0; step < 20; step++) {
                double expected = expectedLoss(ours);
                Tail.StepResult result = ours.train(mixed(), 0.2);
                assertThat(result.loss()).isCloseTo(expected, within(1e-5));
                Tail.StepResult reference = dl4js.train(mixed(), 0.2);
                assertThat(reference.loss()).isCloseTo(expected, within(1e-4));
                assertThat(reference.correct()).isEqualTo(result.correct());
            }
            Map<String, float[]> reference = TestHead.values(dl4js);
            TestHead.values(ours)
                    .forEach((name, values) -> assertThat(values).containsExactly(reference.get(name), within(1e-4f)));
        }
    }

    @Test
    void otherLossesTakeBothClassesToo() {
        TrainingLoss loss = TrainingLoss.categorical(Loss.focal(2).labelSmoothing(0.1), 1, 2, 0.5, 3);
        try (Tail ours = TestHead.dense(GRAPH, Optimizer.sgd(0.2), loss);
                Tail dl4js = TestHead.reference(GRAPH, Optimizer.sgd(0.2), loss)) {
            for (int step = 0; step < 20; step++) {
                double expected = expected(loss, ours);
                assertThat(ours.train(mixed(), 0.2).loss()).isCloseTo(expected, within(1e-5));
                assertThat(dl4js.train(mixed(), 0.2).loss()).isCloseTo(expected, within(1e-4));
            }
            Map<String, float[]> reference = TestHead.values(dl4js);
            TestHead.values(ours)
                    .forEach((name, values) -> assertThat(values).containsExactly(reference.get(name), within(1e-4f)));
        }
    }

    private static double expected(TrainingLoss loss, Tail tail) {
        double sum = 0;
        try (INDArray probabilities = tail.probabilities(mixed())) {
            for (int i = 0; i < OWN.length; i++) {
                float[] row = probabilities.getRow(i).dup().toFloatVector();
                sum += WEIGHTS[i] * loss.of(row, new Target.OneClass(OWN[i]), 1e-10)
                        + (1 - WEIGHTS[i]) * loss.of(row, new Target.OneClass(OTHERS[i]), 1e-10);
            }
        }
        return sum / OWN.length;
    }

    /** The minimum of the loss is the entropy of the weights. */
    @Test
    void probabilitiesGoTowardsTheWeights() {
        Batch one = new Batch(TestHead.features(1, 6, 1), List.of(mixed(2, 1, 0.7)));
        try (Tail tail = TestHead.dense(GRAPH, new Sgd(0.3))) {
            for (int step = 0; step < 500; step++) {
                assertThat(tail.train(one, 0.3).loss()).isFinite();
            }
            try (INDArray probabilities = tail.probabilities(one)) {
                assertThat(probabilities.getDouble(0, 2)).isCloseTo(0.7, within(0.02));
                assertThat(probabilities.getDouble(0, 1)).isCloseTo(0.3, within(0.02));
            }
        }
    }

    @Test
    void aSecondClassThatTheHeadDoesNotHaveIsRefused() {
        Batch batch = new Batch(TestHead.features(1, 6, 1), List.of(mixed(2, 4, 0.7)));
        try (Tail tail = TestHead.dense(GRAPH, new Sgd(0.3))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tail.train(batch, 0.3))
                    .withMessageContaining("got 4");
        }
    }
}
