package org.transfer4j.internal.tail.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.onednn.OneDnnTail;
import org.transfer4j.internal.tail.onednn.OneOpenMpThread;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/** Losses of numbers: their values and slopes, and twenty steps of a linear head as Keras takes them, on both trainers. */
@ExtendWith(OneOpenMpThread.class)
class NumberLossTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("regression/regression.json");
    private static final int OUTPUTS = 3;
    private static final int WIDTH = 512;
    private static final int BATCH = GOLDEN.get("batch").asInt();
    private static final Map<String, Loss> LOSSES = Map.of(
            "squared", Loss.meanSquaredError(),
            "absolute", Loss.meanAbsoluteError(),
            "huber", Loss.huber(GOLDEN.get("delta").asDouble()));

    private static Target target(float... row) {
        return new Target.Numbers(row);
    }

    private static Network linear(TestHead head) {
        return head.classes(
                OUTPUTS, builder -> builder.lossFunction(new LossMSE()).activation(Activation.IDENTITY));
    }

    static Stream<String> names() {
        return LOSSES.keySet().stream().sorted();
    }

    /** At zero and at the border of Huber's loss, too. */
    @ParameterizedTest
    @MethodSource("names")
    void valuesAndGradientsAreThoseOfTorchAndKeras(String name) {
        JsonNode golden = GOLDEN.get("gradients");
        JsonNode expected = golden.get("losses").get(name);
        TrainingLoss loss = TrainingLoss.ofNumbers(LOSSES.get(name));
        int images = golden.get("outputs").size();
        double sum = 0;
        for (int i = 0; i < images; i++) {
            float[] row = floats(golden.get("outputs").get(i));
            Target target = target(floats(golden.get("targets").get(i)));
            loss.activate(row);
            sum += loss.of(row, target, 1e-7);
            loss.derive(row, target, 1f / images);
            assertThat(row).containsExactly(floats(expected.get("gradient").get(i)), within(1e-7f));
        }
        assertThat(images).isEqualTo(5);
        assertThat(sum / images).isCloseTo(expected.get("loss").asDouble(), within(1e-6));
        assertThat(sum / images).isCloseTo(expected.get("keras").asDouble(), within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("names")
    void derivativesOfMixedImagesAreThoseOfTheLoss(String name) {
        TrainingLoss loss = TrainingLoss.ofNumbers(LOSSES.get(name));
        Target mixed = Target.mixed(target(1, -2, 0.5f), target(0, 1, -1), 0.25);
        assertThat(loss.row(mixed, OUTPUTS)).containsExactly(new float[] {0.25f, 0.25f, -0.625f}, within(1e-6f));
        float[] outputs = {0.4f, -1.3f, 2};
        float[] derivatives = outputs.clone();
        loss.derive(derivatives, mixed, 2);
        for (int i = 0; i < OUTPUTS; i++) {
            float[] above = outputs.clone();
            float[] below = outputs.clone();
            above[i] += 1e-2f;
            below[i] -= 1e-2f;
            double slope = (loss.of(above, mixed, 0) - loss.of(below, mixed, 0)) / (above[i] - below[i]);
            assertThat((double) derivatives[i]).isCloseTo(2 * slope, within(1e-4));
        }
        assertThat(loss.hits(outputs, mixed)).isNaN();
        assertThat(loss.of(new float[] {Float.NaN, 0, 0}, mixed, 0)).isNaN();
    }

    static Stream<Arguments> runs() {
        return Stream.of(
                Arguments.of("squared", Optimizer.sgd(0.01), LOSSES.get("squared")),
                Arguments.of("absolute", Optimizer.sgd(0.01), LOSSES.get("absolute")),
                Arguments.of("huber", Optimizer.sgd(0.01), LOSSES.get("huber")),
                Arguments.of("squared, adam", Optimizer.adam(0.01), LOSSES.get("squared")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void ourTrainerFollowsKeras(String name, Optimizer optimizer, Loss loss) {
        try (Tail tail = TailCompiler.compile(
                linear(TestHead.on(WIDTH)), new TailSettings(optimizer, TrainingLoss.ofNumbers(loss), 1))) {
            assertThat(tail).isInstanceOf(OneDnnTail.class);
            assertFollows(name, tail);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void dl4jFollowsKeras(String name, Optimizer optimizer, Loss loss) {
        try (Tail tail = new GraphTail(
                linear(TestHead.on(WIDTH)), new TailSettings(optimizer, TrainingLoss.ofNumbers(loss), 1))) {
            assertFollows(name, tail);
        }
    }

    private static void assertFollows(String name, Tail tail) {
        JsonNode golden = GOLDEN.get("runs").get(name);
        Map<String, INDArray> head = tail.parameters().get("predictions");
        long[] shape = TestHead.kernel(head).shape();
        TestHead.kernel(head).assign(Nd4j.create(HashWeights.values("predictions/kernel", shape), shape, 'c'));
        head.get("b").assign(Nd4j.createFromArray(HashWeights.values("predictions/bias", OUTPUTS)));
        INDArray features = GoldenFiles.array("head_training/features.npy");
        List<Target> targets = IntStream.range(0, 64)
                .mapToObj(i -> {
                    float[] row = new float[OUTPUTS];
                    for (int c = 0; c < OUTPUTS; c++) {
                        row[c] = (i * (3 + 2 * c) + i * i) % 11 / 4f - 1;
                    }
                    return target(row);
                })
                .toList();
        for (int step = 0; step < golden.get("losses").size(); step++) {
            int start = step * BATCH % targets.size();
            INDArray rows =
                    features.get(NDArrayIndex.interval(start, start + BATCH)).dup('c');
            Tail.StepResult result = tail.train(new Batch(rows, targets.subList(start, start + BATCH)), 0.01);
            assertThat(result.loss())
                    .as("step %d", step)
                    .isCloseTo(golden.get("losses").get(step).asDouble(), within(5e-5));
            assertThat(result.correct()).isNaN();
        }
        assertThat(golden.get("losses")).hasSize(20);
        assertThat(head.get("b").toFloatVector()).containsExactly(floats(golden.get("bias")), within(5e-5f));
    }

    @ParameterizedTest
    @MethodSource("names")
    void bothTrainersTakeMixedImagesAndHiddenLayersAlike(String name) {
        Network graph = linear(TestHead.on(6).dense(7));
        TrainingLoss loss = TrainingLoss.ofNumbers(LOSSES.get(name));
        Batch batch = new Batch(
                TestHead.features(4, 6, 1),
                List.of(
                        target(1, 2, 3),
                        Target.mixed(target(0, 1, 0), target(1, 1, -4), 0.3),
                        target(-1, 0.5f, 0),
                        Target.mixed(target(2, 2, 2), target(0, 0, 0), 0.75)));
        try (Tail ours = TestHead.dense(graph, Optimizer.sgd(0.05), loss);
                Tail dl4js = TestHead.reference(graph, Optimizer.sgd(0.05), loss)) {
            double first = ours.train(batch, 0).loss();
            dl4js.train(batch, 0);
            for (int step = 0; step < 20; step++) {
                assertThat(ours.train(batch, 0.05).loss())
                        .isCloseTo(dl4js.train(batch, 0.05).loss(), within(1e-5));
            }
            assertThat(ours.train(batch, 0).loss()).isLessThan(first);
            assertThat(ours.probabilities(batch).toFloatMatrix()[0])
                    .containsExactly(dl4js.probabilities(batch).toFloatMatrix()[0], within(1e-4f));
        }
    }

    @Test
    void dl4jHasTheSameMeanSquaredError() {
        INDArray wanted = Nd4j.createFromArray(new float[][] {{1, 0, 2}, {0, -1, 0}});
        INDArray outputs = Nd4j.createFromArray(new float[][] {{0.5f, -1, 2}, {-0.3f, 0.2f, 1}});
        MeasuredLoss ours = new MeasuredLoss(TrainingLoss.ofNumbers(Loss.meanSquaredError()));
        LossMSE theirs = new LossMSE();
        assertThat(ours.computeScore(wanted, outputs.dup(), new ActivationIdentity(), null, true))
                .isCloseTo(
                        theirs.computeScore(wanted, outputs.dup(), new ActivationIdentity(), null, true), within(1e-6));
        assertThat(ours.computeGradient(wanted, outputs.dup(), new ActivationIdentity(), null)
                        .toFloatMatrix()[1])
                .containsExactly(
                        theirs.computeGradient(wanted, outputs.dup(), new ActivationIdentity(), null)
                                .toFloatMatrix()[1],
                        within(1e-6f));
    }

    @Test
    void targetsOfAnotherHeadAreRefused() {
        TrainingLoss numbers = TrainingLoss.ofNumbers(Loss.meanSquaredError());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbers.require(target(1, 2), 3))
                .withMessage("a regression head of 3 outputs needs images with as many numbers, got Numbers[1.0, 2.0]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> numbers.require(Target.mixed(target(1), new Target.OneClass(0), 0.5), 1))
                .withMessageEndingWith("got OneClass[index=0]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingLoss.crossEntropy().require(target(1), 3))
                .withMessageStartingWith("a softmax head needs images with one class each, got Numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingLoss.ofNumbers(Loss.crossEntropy()))
                .withMessage("numbers have no cross-entropy");
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }
}
