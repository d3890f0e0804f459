package org.transfer4j.internal.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.OneOpenMpThread;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

/** The moving average of weights, against PyTorch's, and when who sees it. */
@ExtendWith(OneOpenMpThread.class)
class WeightAverageTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("optimizers/weight_average.json");
    private static final int CLASSES = 10;
    private static final int WIDTH = 512;
    private static final Optimizer SGD = Optimizer.sgd(0.05);

    @TempDir
    Path folder;

    static Stream<Tail> tails() {
        TailSettings settings = new TailSettings(SGD, TrainingLoss.crossEntropy(), 1);
        return Stream.of(
                TailCompiler.compile(TestHead.on(WIDTH).classes(CLASSES), settings),
                new GraphTail(TestHead.on(WIDTH).classes(CLASSES), settings));
    }

    @ParameterizedTest
    @MethodSource("tails")
    void itIsPyTorchs(Tail tail) {
        try (tail) {
            Map<String, INDArray> head = tail.parameters().get("predictions");
            long[] shape = TestHead.kernel(head).shape();
            TestHead.kernel(head).assign(Nd4j.create(HashWeights.values("predictions/kernel", shape), shape, 'c'));
            head.get("b").assign(Nd4j.createFromArray(HashWeights.values("predictions/bias", CLASSES)));
            WeightAverage average =
                    new WeightAverage(tail.parameters(), GOLDEN.get("decay").asDouble());
            INDArray features = GoldenFiles.array("head_training/features.npy");
            int[] labels = IntStream.range(0, 64).map(i -> i * i % CLASSES).toArray();
            int size = GOLDEN.get("batch").asInt();
            for (int step = 0; step < GOLDEN.get("steps").asInt(); step++) {
                int start = step * size % labels.length;
                INDArray rows =
                        features.get(NDArrayIndex.interval(start, start + size)).dup('c');
                tail.train(new Batch(rows, Arrays.copyOfRange(labels, start, start + size)), 0.05);
                average.add();
            }

            assertIs(head, GOLDEN.get("weights"));
            average.show();
            assertIs(head, GOLDEN.get("average"));
            average.show();
            assertIs(head, GOLDEN.get("average"));
            average.hide();
            assertIs(head, GOLDEN.get("weights"));
        }
    }

    private static void assertIs(Map<String, INDArray> head, JsonNode golden) {
        INDArray kernel = TestHead.kernel(head).castTo(DataType.DOUBLE);
        double squares = golden.get("kernelSquares").asDouble();
        assertThat(kernel.mul(kernel).sumNumber().doubleValue()).isCloseTo(squares, within(1e-6 * squares));
        assertThat(kernel.getRow(7).toDoubleVector()).containsExactly(numbers(golden.get("kernelRow")), within(2e-6));
        assertThat(head.get("b").toDoubleVector()).containsExactly(numbers(golden.get("bias")), within(2e-6));
    }

    private static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    /** A weight that counts its steps, two an epoch: learned 1 to 6, averaged by halves. */
    @Test
    void epochsEndWithTheAverageAndBeginWithTheWeights() {
        ScriptedTail tail = new ScriptedTail(step -> 1);
        List<Float> begun = new ArrayList<>();
        List<Float> ended = new ArrayList<>();
        TailTrainer trainer = trainer(tail, new FitListener() {
            @Override
            public void epochStarted(int epoch, int epochs, long examples) {
                begun.add(tail.weight());
            }

            @Override
            public void epochFinished(EpochRecord record) {
                ended.add(tail.weight());
            }
        });
        try (FeatureStore examples = examples()) {
            trainer.train(examples, null, 3);
        }
        assertThat(begun).containsExactly(0f, 2f, 4f);
        assertThat(ended).containsExactly(1.5f, 3.125f, 5.03125f);
        assertThat(tail.weight()).isEqualTo(5.03125f);
        assertThat(trainer.unaveragedParameters().get("layer").get("W").getFloat(0))
                .isEqualTo(6f);
    }

    @Test
    void anEpochThatFailsLeavesTheAverageOfTheOneBefore() {
        ScriptedTail tail = new ScriptedTail(step -> step == 4 ? Double.NaN : 1);
        try (FeatureStore examples = examples()) {
            assertThatThrownBy(() -> trainer(tail, new FitListener() {}).train(examples, null, 3))
                    .isInstanceOf(EarlyEnd.class);
        }
        assertThat(tail.weight()).isEqualTo(1.5f);
    }

    private static TailTrainer trainer(ScriptedTail tail, FitListener listener) {
        return new TailTrainer(tail, SGD, TrainingLoss.crossEntropy(), 2, 42, listener).averaging(0.5);
    }

    private FeatureStore examples() {
        FeatureStore store = FeatureStore.create(folder, new long[] {1}, 4);
        store.append(new Batch(Nd4j.arange(4).castTo(DataType.FLOAT).reshape(4, 1), new int[] {0, 1, 0, 1}));
        return store;
    }
}
