package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.Optimizer;

/** Steps go down the slopes of the loss, and moving statistics stay, on both engines. */
class StillNormalizationTest {
    private static final float STEP = 1e-2f;

    private static final TestNetwork NETWORK = TestNetwork.of(3, 6, 6)
            .convolutionWithoutBias(16)
            .normalization()
            .rectification()
            .convolutionWithoutBias(6)
            .add(new BatchNormalization.Builder().useLogStd(false).eps(1e-2).build());

    private static final TailSettings SETTINGS = new TailSettings(
            Optimizer.sgd(0.1), TrainingLoss.crossEntropy(), 1, Precision.FLOAT32, Map.of(), false, List.of());

    static Stream<Named<Supplier<Tail>>> engines() {
        return Stream.of(
                Named.of("DL4J", () -> NETWORK.stock(SETTINGS)), Named.of("oneDNN", () -> NETWORK.own(SETTINGS)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void stepsGoDownTheSlopesOfTheLoss(Supplier<Tail> engine) {
        try (Tail tail = engine.get()) {
            Batch batch = NETWORK.batch(1, 5);
            List<INDArray> parameters = parameters(tail);
            List<INDArray> before = parameters.stream().map(INDArray::dup).toList();
            tail.train(batch, 1);
            List<INDArray> gradients = new ArrayList<>();
            for (int i = 0; i < before.size(); i++) {
                gradients.add(before.get(i).sub(parameters.get(i)));
            }
            try (Tail again = engine.get()) {
                TestHead.copy(again, tail);
            }
            for (int i = 0; i < before.size(); i++) {
                INDArray parameter = parameters.get(i);
                // along its own gradient the loss is steepest: its slope there is the gradient's length
                double slope = gradients.get(i).norm2Number().doubleValue();
                INDArray direction = gradients.get(i).div(slope);
                parameter.addi(direction.mul(STEP));
                double above = tail.train(batch, 0).loss();
                parameter.subi(direction.mul(2 * STEP));
                double below = tail.train(batch, 0).loss();
                parameter.addi(direction.mul(STEP));
                assertThat((above - below) / (2 * STEP))
                        .as("parameter %d", i)
                        .isCloseTo(slope, within(0.02 * slope + 1e-4));
            }
        }
    }

    private static List<INDArray> parameters(Tail tail) {
        return Stream.of("layer1/W", "layer2/gamma", "layer2/beta", "layer5/gamma", "layer5/beta")
                .map(name -> parameter(tail, name))
                .toList();
    }

    private static INDArray parameter(Tail tail, String name) {
        int slash = name.indexOf('/');
        return tail.parameters().get(name.substring(0, slash)).get(name.substring(slash + 1));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void movingStatisticsStay(Supplier<Tail> engine) {
        try (Tail tail = engine.get()) {
            List<INDArray> statistics = Stream.of("layer2/mean", "layer2/var", "layer5/var")
                    .map(name -> parameter(tail, name))
                    .toList();
            List<INDArray> before = statistics.stream().map(INDArray::dup).toList();
            INDArray scale = parameter(tail, "layer5/gamma").dup();
            for (int step = 0; step < 3; step++) {
                tail.train(NETWORK.batch(2, step), 0.1);
            }
            assertThat(statistics).isEqualTo(before);
            assertThat(parameter(tail, "layer5/gamma")).isNotEqualTo(scale);
        }
    }
}
