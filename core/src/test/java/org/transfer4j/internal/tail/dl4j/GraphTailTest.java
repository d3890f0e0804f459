package org.transfer4j.internal.tail.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.OneOpenMpThread;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Optimizer;

/** The whole of a small network as a tail. */
@ExtendWith(OneOpenMpThread.class)
class GraphTailTest {
    private static final Network NETWORK = NetworkPlan.of(
                    TinyBackbones.residual(), 16, 16, Head.globalAveragePooling(), 2, Freeze.NONE)
            .tail();

    private static GraphTail tail(IUpdater updater) {
        GraphTail tail = new GraphTail(NETWORK, settings(Optimizer.of(updater)));
        Dl4jGraphs.fill(tail.parameters(), 42);
        return tail;
    }

    private static TailSettings settings(Optimizer optimizer) {
        return new TailSettings(optimizer, TrainingLoss.crossEntropy(), 1);
    }

    private static Batch batch(int count) {
        int[] classes = new int[count];
        for (int i = 0; i < count; i++) {
            classes[i] = i % 2;
        }
        return new Batch(Pictures.arrays(count).div(255), classes);
    }

    @Test
    void aStepTellsTheLossBeforeIt() {
        try (GraphTail tail = tail(new Sgd(0))) {
            Tail.StepResult first = tail.train(batch(8), 0);
            Tail.StepResult second = tail.train(batch(8), 0);
            assertThat(first.loss()).isPositive().isCloseTo(second.loss(), within(1e-6));
            assertThat(first.correct()).isBetween(0.0, 8.0).isEqualTo(second.correct());
        }
    }

    /** Both or neither is what DL4J can lock. */
    @Test
    void oneOfScaleAndShiftIsNotLearnedAlone() {
        for (String fixed : List.of(Op.GAMMA, Op.BETA)) {
            assertThatThrownBy(() -> GraphTail.requireRightGradients(normalized(List.of(fixed))))
                    .isInstanceOf(UnsupportedGraphException.class)
                    .hasMessage(
                            "layer 'norm' (BatchNormalization): DL4J learns scale and shift of a batch normalization, or"
                                    + " neither, but " + fixed + " alone is fixed");
        }
        assertThatCode(() -> {
                    GraphTail.requireRightGradients(normalized(List.of(Op.GAMMA, Op.BETA)));
                    GraphTail.requireRightGradients(normalized(null));
                })
                .doesNotThrowAnyException();
    }

    private static Network normalized(@Nullable List<String> fixed) {
        Network.Builder network = new Network.Builder("input", Shape.of(4, 5, 5));
        network.add("norm", "norm", "BatchNormalization", new Op.Normalization(4, 1e-3, 0.9, fixed), List.of("input"));
        return network.build("norm");
    }

    @Test
    void stepsReduceTheLoss() {
        try (GraphTail tail = tail(new Sgd(0.1))) {
            double first = tail.train(batch(8), 0.1).loss();
            for (int i = 0; i < 10; i++) {
                tail.train(batch(8), 0.1);
            }
            assertThat(tail.train(batch(8), 0.1).loss()).isLessThan(first);
        }
    }

    @Test
    void predictingTwiceGivesTheSameRowsThatSumToOne() {
        try (GraphTail tail = tail(new Sgd(0));
                INDArray one = tail.probabilities(batch(5));
                INDArray other = tail.probabilities(batch(5))) {
            assertThat(one).isEqualTo(other);
            assertThat(one.shape()).containsExactly(5, 2);
            assertThat(one.sum(1).toFloatVector()).containsExactly(new float[] {1, 1, 1, 1, 1}, within(1e-5f));
        }
    }

    /** Nothing but what was handed down counts. */
    @Test
    void theRateIsTheTrainers() {
        Sgd scheduled = new Sgd(new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.5, 1, 0.25)));
        try (GraphTail tail = tail(scheduled);
                GraphTail other = tail(new Sgd(7))) {
            for (double rate : new double[] {0.1, 0.01}) {
                assertThat(tail.train(batch(8), rate)).isEqualTo(other.train(batch(8), rate));
            }
            assertThat(TestHead.values(tail)).usingRecursiveComparison().isEqualTo(TestHead.values(other));
        }
    }

    @Test
    void aTailEndsInAnOutputLayer() {
        Network backbone = SizedBackbone.of(TinyBackbones.plain(), 16, 16).network();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GraphTail(backbone, settings(Optimizer.sgd(1))))
                .withMessage("a tail ends in an output layer, but pool2 is none");
    }
}
