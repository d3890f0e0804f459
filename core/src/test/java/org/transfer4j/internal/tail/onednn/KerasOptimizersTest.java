package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Schedule;
import org.transfer4j.training.TrainingProgress;

/** Twenty steps with every optimizer and loss follow Keras from the same start, on both trainers. */
@ExtendWith(OneOpenMpThread.class)
class KerasOptimizersTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("optimizers/optimizers.json");
    private static final int CLASSES = 10;
    private static final int WIDTH = 512;
    private static final int BATCH = GOLDEN.get("batch").asInt();
    private static final int STEPS = 20;
    private static final double LIMIT = 2e-5;

    private static final Map<String, Optimizer> OPTIMIZERS = optimizers();
    private static final Map<String, Loss> LOSSES = Map.of(
            "weighted", Loss.crossEntropy(),
            "label smoothing", Loss.crossEntropy().labelSmoothing(0.1),
            "focal", Loss.focal(2),
            "focal label smoothing", Loss.focal(1.5).labelSmoothing(0.2));

    private static Map<String, Optimizer> optimizers() {
        Map<String, Optimizer> all = new LinkedHashMap<>();
        all.put("sgd", Optimizer.sgd(0.05));
        all.put("sgd weight decay", Optimizer.sgd(0.05).weightDecay(0.1));
        all.put("momentum", Optimizer.sgd(0.02).momentum(0.9));
        all.put("momentum weight decay", Optimizer.sgd(0.02).momentum(0.9).weightDecay(0.1));
        all.put("nesterov", Optimizer.sgd(0.02).nesterov(0.9));
        all.put("adam", Optimizer.adam(0.01));
        all.put("adamw", Optimizer.adamW(0.01));
        all.put("adamw 0.5", Optimizer.adamW(0.01).weightDecay(0.5));
        all.put("rmsprop", Optimizer.rmsProp(0.005));
        all.put("rmsprop weight decay", Optimizer.rmsProp(0.005).weightDecay(0.2));
        all.put("sgd clip norm", Optimizer.sgd(0.05).clipNorm(0.5));
        all.put("sgd clip value", Optimizer.sgd(0.05).clipValue(0.01));
        all.put("adam clip norm", Optimizer.adam(0.01).clipNorm(0.5));
        all.put("adam cosine", Optimizer.adam(0.01).schedule(Schedule.cosine(0.1)));
        all.put("adamw cosine", Optimizer.adamW(0.01).weightDecay(0.5).schedule(Schedule.cosine()));
        return all;
    }

    static Stream<Arguments> runs() {
        Stream<Arguments> optimizers = OPTIMIZERS.entrySet().stream()
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue(), TrainingLoss.crossEntropy()));
        Stream<Arguments> losses = LOSSES.entrySet().stream()
                .flatMap(entry -> Stream.of("", " weighted")
                        .filter(suffix -> GOLDEN.get("runs").has(entry.getKey() + suffix))
                        .map(suffix -> Arguments.of(
                                entry.getKey() + suffix,
                                Optimizer.sgd(0.05),
                                TrainingLoss.categorical(
                                        entry.getValue(),
                                        (entry.getKey() + suffix).endsWith("weighted")
                                                ? classWeights()
                                                : new double[0]))));
        return Stream.concat(optimizers, losses);
    }

    private static double[] classWeights() {
        return numbers(GOLDEN.get("classWeights"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void ourTrainerFollowsKeras(String name, Optimizer optimizer, TrainingLoss loss) {
        Network graph = TestHead.on(WIDTH).classes(CLASSES);
        try (Tail tail = TailCompiler.compile(graph, new TailSettings(optimizer, loss, 1))) {
            assertThat(tail).isInstanceOf(OneDnnTail.class);
            assertFollows(name, optimizer, tail);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void dl4jFollowsKeras(String name, Optimizer optimizer, TrainingLoss loss) {
        try (Tail tail = new GraphTail(TestHead.on(WIDTH).classes(CLASSES), new TailSettings(optimizer, loss, 1))) {
            assertFollows(name, optimizer, tail);
        }
    }

    private static void assertFollows(String name, Optimizer optimizer, Tail tail) {
        JsonNode golden = GOLDEN.get("runs").get(name);
        double[] losses = numbers(golden.get("losses"));
        Map<String, INDArray> head = tail.parameters().get("predictions");
        long[] shape = TestHead.kernel(head).shape();
        TestHead.kernel(head).assign(Nd4j.create(HashWeights.values("predictions/kernel", shape), shape, 'c'));
        head.get("b").assign(Nd4j.createFromArray(HashWeights.values("predictions/bias", CLASSES)));

        INDArray features = GoldenFiles.array("head_training/features.npy");
        int[] labels = IntStream.range(0, 64).map(i -> i * i % CLASSES).toArray();
        for (int step = 0; step < STEPS; step++) {
            int start = step * BATCH % labels.length;
            INDArray rows =
                    features.get(NDArrayIndex.interval(start, start + BATCH)).dup('c');
            Batch batch = new Batch(rows, Arrays.copyOfRange(labels, start, start + BATCH));
            double rate = optimizer.learningRate(new TrainingProgress(step, STEPS, 1, List.of()));
            assertThat(tail.train(batch, rate).loss()).as("step %d", step).isCloseTo(losses[step], within(LIMIT));
        }

        assertThat(losses).hasSize(STEPS);
        double kernelSquares =
                TestHead.kernel(head).mul(TestHead.kernel(head)).sumNumber().doubleValue();
        double goldenSquares = golden.get("kernelSquares").asDouble();
        assertThat(kernelSquares).isCloseTo(goldenSquares, within(1e-5 * goldenSquares));
        assertThat(TestHead.kernel(head).getRow(7).toDoubleVector())
                .containsExactly(numbers(golden.get("kernelRow")), within(LIMIT));
        assertThat(head.get("b").toDoubleVector()).containsExactly(numbers(golden.get("bias")), within(LIMIT));
    }

    private static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }
}
