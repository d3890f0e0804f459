package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.BitSet;
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
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/** Twenty steps of a sigmoid head follow Keras and PyTorch, and the two trainers follow each other. */
@ExtendWith(OneOpenMpThread.class)
class MultiLabelTailTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("multilabel/multilabel.json");
    private static final int CLASSES = 10;
    private static final int WIDTH = 512;
    private static final int BATCH = GOLDEN.get("batch").asInt();
    private static final double LIMIT = 2e-5;

    /** The labels of the script. */
    private static List<Target> labels(int images) {
        return IntStream.range(0, images)
                .<Target>mapToObj(i -> new Target.SeveralClasses(
                        IntStream.range(0, CLASSES)
                                .filter(c ->
                                        (i * i + 3 * i * c + c * c) % 7 == 1 || (i * i + 3 * i * c + c * c) % 7 == 2)
                                .collect(BitSet::new, BitSet::set, BitSet::or),
                        CLASSES))
                .toList();
    }

    private static Network sigmoid(TestHead head) {
        return head.classes(
                CLASSES, builder -> builder.lossFunction(new LossBinaryXENT()).activation(Activation.SIGMOID));
    }

    static Stream<Arguments> runs() {
        return Stream.of(
                Arguments.of("sgd", Optimizer.sgd(0.5), Loss.binaryCrossEntropy()),
                Arguments.of("adam", Optimizer.adam(0.01), Loss.binaryCrossEntropy()),
                Arguments.of(
                        "label smoothing",
                        Optimizer.sgd(0.5),
                        Loss.binaryCrossEntropy().labelSmoothing(0.1)),
                Arguments.of("weighted", Optimizer.sgd(0.5), Loss.binaryCrossEntropy()));
    }

    private TrainingLoss loss(String name, Loss loss) {
        return TrainingLoss.binary(
                loss, name.equals("weighted") ? numbers(GOLDEN.get("positiveWeights")) : new double[0]);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void ourTrainerFollowsThem(String name, Optimizer optimizer, Loss loss) {
        try (Tail tail =
                TailCompiler.compile(sigmoid(TestHead.on(WIDTH)), new TailSettings(optimizer, loss(name, loss), 1))) {
            assertThat(tail).isInstanceOf(OneDnnTail.class);
            assertFollows(name, tail);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void dl4jFollowsThem(String name, Optimizer optimizer, Loss loss) {
        try (Tail tail = new GraphTail(sigmoid(TestHead.on(WIDTH)), new TailSettings(optimizer, loss(name, loss), 1))) {
            assertFollows(name, tail);
        }
    }

    private void assertFollows(String name, Tail tail) {
        JsonNode golden = GOLDEN.get("runs").get(name);
        double[] losses = numbers(golden.get("losses"));
        Map<String, INDArray> head = tail.parameters().get("predictions");
        long[] shape = TestHead.kernel(head).shape();
        TestHead.kernel(head).assign(Nd4j.create(HashWeights.values("predictions/kernel", shape), shape, 'c'));
        head.get("b").assign(Nd4j.createFromArray(HashWeights.values("predictions/bias", CLASSES)));
        INDArray features = GoldenFiles.array("head_training/features.npy");
        List<Target> labels = labels(64);
        List<Double> accuracies = new ArrayList<>();
        for (int step = 0; step < losses.length; step++) {
            int start = step * BATCH % labels.size();
            INDArray rows =
                    features.get(NDArrayIndex.interval(start, start + BATCH)).dup('c');
            Tail.StepResult result =
                    tail.train(new Batch(rows, labels.subList(start, start + BATCH)), name.equals("adam") ? 0.01 : 0.5);
            assertThat(result.loss()).as("step %d", step).isCloseTo(losses[step], within(LIMIT));
            accuracies.add(result.correct() / BATCH);
        }
        assertThat(losses).hasSize(20);
        assertThat(head.get("b").toDoubleVector()).containsExactly(numbers(golden.get("bias")), within(LIMIT));
        if (golden.has("accuracies")) {
            assertThat(accuracies.stream().mapToDouble(Double::doubleValue).toArray())
                    .containsExactly(numbers(golden.get("accuracies")), within(1e-6));
        }
    }

    @Test
    void bothTrainersTakeMixedImagesAndHiddenLayersAlike() {
        Network graph = sigmoid(TestHead.on(6).dense(7));
        TrainingLoss loss = loss("weighted", Loss.binaryCrossEntropy().labelSmoothing(0.1));
        List<Target> labels = labels(5);
        int[] others = {1, 1, 0, 2, 0};
        double[] shares = {0.75, 0.3, 0.4, 1, 0};
        Batch batch = new Batch(
                TestHead.features(5, 6, 1),
                IntStream.range(0, 5)
                        .mapToObj(i -> Target.mixed(labels.get(i), labels.get(others[i]), shares[i]))
                        .toList());
        try (Tail ours = TestHead.dense(graph, Optimizer.sgd(0.2), loss);
                Tail dl4js = TestHead.reference(graph, Optimizer.sgd(0.2), loss)) {
            for (int step = 0; step < 20; step++) {
                Tail.StepResult result = ours.train(batch, 0.2);
                Tail.StepResult reference = dl4js.train(batch, 0.2);
                assertThat(result.loss()).isCloseTo(reference.loss(), within(1e-5));
                assertThat(result.correct()).isCloseTo(reference.correct(), within(1e-9));
            }
            Map<String, float[]> reference = TestHead.values(dl4js);
            TestHead.values(ours)
                    .forEach((name, values) -> assertThat(values).containsExactly(reference.get(name), within(1e-4f)));
            assertThat(ours.probabilities(batch).toFloatMatrix()[0])
                    .containsExactly(dl4js.probabilities(batch).toFloatMatrix()[0], within(1e-5f));
        }
    }

    private static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }
}
