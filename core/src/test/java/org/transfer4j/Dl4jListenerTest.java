package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.listener.ListenerGuard;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Optimizer;

/** Listeners that users have for DL4J hear of a fit. */
class Dl4jListenerTest {
    private static final class Recording extends BaseTrainingListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            events.add("step " + iteration + " of epoch " + epoch);
            assertThat(model.score()).isFinite();
        }

        @Override
        public void onEpochStart(Model model) {
            events.add("start");
        }

        @Override
        public void onEpochEnd(Model model) {
            events.add("end");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stepsAndEpochsAreTold(boolean frozen) {
        TransferLearner plain = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .optimizer(Optimizer.sgd(0.1))
                .batchSize(8)
                .epochs(2);
        TransferLearner learner = frozen ? plain : plain.freezeUpTo("pool1");
        Recording recording = new Recording();

        try (ImageClassifier heard = learner.listener(recording).fit(Pictures.dataset(16));
                ImageClassifier unheard = learner.fit(Pictures.dataset(16))) {
            assertThat(recording.events)
                    .containsExactly(
                            "start",
                            "step 0 of epoch 0",
                            "step 1 of epoch 0",
                            "end",
                            "start",
                            "step 2 of epoch 1",
                            "step 3 of epoch 1",
                            "end");
            if (frozen) {
                // without a listener gradients are not written down
                assertThat(heard.history().last().orElseThrow().loss())
                        .isCloseTo(unheard.history().last().orElseThrow().loss(), within(1e-5));
            } else {
                assertThat(Bits.of(heard.toComputationGraph())).isEqualTo(Bits.of(unheard.toComputationGraph()));
            }
        }
    }

    /** As listeners need it that write statistics or checkpoints. */
    @Test
    void theGraphHasWhatIsTrained() {
        Map<String, INDArray> seen = new HashMap<>();
        TrainingListener looking = new BaseTrainingListener() {
            @Override
            public void onGradientCalculation(Model model) {
                seen.put("gradient", model.gradient().gradient().dup());
            }

            @Override
            public void onForwardPass(Model model, Map<String, INDArray> activations) {
                seen.putAll(activations);
            }

            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                ComputationGraph graph = (ComputationGraph) model;
                assertThat(graph.batchSize()).isEqualTo(8);
                seen.put("parameters", graph.params().dup());
                seen.put("momentum", graph.getUpdater().getStateViewArray().dup());
            }
        };
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .unfreezeAll()
                .optimizer(Optimizer.sgd(0.1).momentum(0.9))
                .batchSize(8)
                .epochs(1)
                .listener(looking)
                .fit(Pictures.dataset(8))) {
            assertThat(seen.get("parameters"))
                    .isEqualTo(classifier.toComputationGraph().params());
            assertThat(seen.get("pool2").size(0)).isEqualTo(8);
            // momentum after the first step: the rate times the gradient, downwards
            INDArray expected =
                    seen.get("gradient").reshape(seen.get("gradient").length()).mul(-0.1);
            INDArray momentum = seen.get("momentum");
            assertThat(momentum.reshape(momentum.length()).distance2(expected)).isLessThan(1e-5);
            assertThat(expected.norm2Number().doubleValue()).isPositive();
        }
    }

    @Test
    void oneThatFailsIsReportedOnceAndChangesNothing() {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .batchSize(8)
                .epochs(2);
        TrainingListener failing = new BaseTrainingListener() {
            @Override
            public void onEpochStart(Model model) {
                throw new InternalError("start");
            }

            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                throw new IllegalStateException("step");
            }

            @Override
            public void onForwardPass(Model model, Map<String, INDArray> activations) {
                throw new IllegalStateException("forward");
            }
        };
        Recording recording = new Recording();
        try (LogCapture log = new LogCapture(ListenerGuard.class);
                ImageClassifier heard =
                        learner.listener(failing).listener(recording).fit(Pictures.dataset(16));
                ImageClassifier unheard =
                        learner.listener(new BaseTrainingListener() {}).fit(Pictures.dataset(16))) {
            assertThat(Bits.of(heard.toComputationGraph())).isEqualTo(Bits.of(unheard.toComputationGraph()));
            assertThat(recording.events).hasSize(8);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void oneMayAskForTheEnd() {
        TrainingListener asking = new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                if (iteration == 3) {
                    throw new CancellationException("that will do");
                }
            }
        };
        TrainingStoppedException stopped = catchThrowableOfType(
                TrainingStoppedException.class,
                () -> TransferLearner.of(TinyBackbones.plain())
                        .weights(Weights.random())
                        .batchSize(8)
                        .epochs(3)
                        .listener(asking)
                        .fit(Pictures.dataset(16)));

        assertThat(stopped).hasMessageContaining("after 1 complete epochs").hasMessageContaining("that will do");
        stopped.classifier().close();
    }
}
