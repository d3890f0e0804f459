package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.head.Head;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.testing.RelativeL2;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingProgress;

/** Twenty steps of SGD with Keras' decay on features of VGG16: losses and weights follow Keras from the same start. */
class HeadTrainingParityTest {
    private static final double LOSS_LIMIT = 1e-4;
    private static final double WEIGHTS_LIMIT = 1e-4;
    private static final int SIZE = 32;
    private static final int CLASSES = 10;
    private static final int BATCH = 16;

    private interface TailFactory {
        Tail create(Network configuration, Optimizer optimizer);
    }

    /** All that can train a softmax layer. */
    private static final Map<String, TailFactory> TAILS = Map.of(
            "DL4J",
            (configuration, optimizer) -> new GraphTail(configuration, settings(optimizer)),
            "own",
            (configuration, optimizer) -> TailCompiler.compile(configuration, settings(optimizer)));

    private static TailSettings settings(Optimizer optimizer) {
        return new TailSettings(optimizer, TrainingLoss.crossEntropy(), 42);
    }

    /** As they stand in the names of the golden files. */
    private static final List<String> DECAYS = List.of("1e-05", "0.1");

    static Stream<Arguments> runs() {
        return TAILS.keySet().stream().flatMap(tail -> DECAYS.stream().map(decay -> Arguments.of(tail, decay)));
    }

    @ParameterizedTest(name = "{0}, decay {1}")
    @MethodSource("runs")
    void lossesAndWeightsFollowKeras(String tailName, String decayName) {
        double decay = Double.parseDouble(decayName);
        JsonNode run = goldenRun(decay);
        double rate = run.get("rate").asDouble();
        JsonNode losses = run.get("losses");
        Optimizer optimizer = Optimizer.sgd(rate).decay(decay);
        Tail tail = newTail(tailName, optimizer);

        INDArray features = GoldenFiles.array("head_training/features.npy");
        int[] labels = GoldenFiles.array("head_training/labels.npy").toIntVector();
        for (int step = 0; step < losses.size(); step++) {
            int start = step * BATCH % labels.length;
            Tail.StepResult result =
                    step(tail, optimizer.learningRate(progress(step)), features, labels, start, start + BATCH);
            assertThat(result.loss())
                    .as("step %d", step)
                    .isCloseTo(losses.get(step).asDouble(), within(LOSS_LIMIT));
            if (start + BATCH == labels.length) {
                tail.endEpoch();
            }
        }

        assertThat(losses).hasSize(20);
        assertFollows(tail, "W", GoldenFiles.array("head_training/kernel_decay_" + decayName + ".npy"));
        assertFollows(tail, "b", GoldenFiles.array("head_training/bias_decay_" + decayName + ".npy"));
    }

    private static JsonNode goldenRun(double decay) {
        JsonNode golden = GoldenFiles.json("head_training/head_training.json");
        assertThat(golden.get("batch").asInt()).isEqualTo(BATCH);
        return StreamSupport.stream(golden.get("runs").spliterator(), false)
                .filter(run -> run.get("decay").asDouble() == decay)
                .findFirst()
                .orElseThrow();
    }

    private static Tail newTail(String name, Optimizer optimizer) {
        NetworkPlan plan = NetworkPlan.of(Backbone.vgg16(), SIZE, SIZE, Head.flatten(), CLASSES, Freeze.ALL);
        Tail tail = TAILS.get(name).create(plan.tail(), optimizer);
        Map<String, INDArray> head = tail.parameters().get("predictions");
        long[] shape = TestHead.kernel(head).shape();
        TestHead.kernel(head).assign(Nd4j.create(HashWeights.values("predictions/kernel", shape), shape, 'c'));
        head.get("b").assign(Nd4j.createFromArray(HashWeights.values("predictions/bias", CLASSES)));
        return tail;
    }

    private static TrainingProgress progress(int step) {
        return new TrainingProgress(step, 4, 5, List.of());
    }

    private static Tail.StepResult step(Tail tail, double rate, INDArray features, int[] labels, int from, int to) {
        INDArray batch = features.get(NDArrayIndex.interval(from, to)).dup('c');
        return tail.train(new Batch(batch, Arrays.copyOfRange(labels, from, to)), rate);
    }

    private static void assertFollows(Tail tail, String parameter, INDArray expected) {
        Map<String, INDArray> head = tail.parameters().get("predictions");
        INDArray actual = parameter.equals("W") ? TestHead.kernel(head) : head.get(parameter);
        assertThat(RelativeL2.distance(actual, expected)).as(parameter).isLessThan(WEIGHTS_LIMIT);
    }
}
