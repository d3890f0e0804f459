package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.transfer4j.backbone.Weights;
import org.transfer4j.head.Head;
import org.transfer4j.internal.fitted.PastTrainingJson;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Schedule;

/** What was set for a training is there for the next one, also from a file. */
class FurtherTrainingSettingsTest {
    private static final int COUNT = 12;

    @TempDir
    Path folder;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .head(Head.flatten())
            .epochs(1);

    static List<UnaryOperator<TransferLearner>> settings() {
        return List.of(
                some -> some.optimizer(Optimizer.sgd(0.01).decay(1e-3)),
                some -> some.optimizer(Optimizer.sgd(0.01).momentum(0.9).schedule(Schedule.oneCycle())),
                some -> some.optimizer(Optimizer.sgd(0.01)
                        .nesterov(0.5)
                        .schedule(Schedule.step(1, 0.5))
                        .weightDecay(0.1)),
                some -> some.optimizer(Optimizer.adamW(1e-2).clipNorm(0.01)),
                some -> some.optimizer(Optimizer.adam(1e-2).clipValue(0.001).schedule(Schedule.cosine(0.25))),
                some -> some.optimizer(Optimizer.rmsProp(1e-2).schedule(Schedule.reduceOnPlateau(0.5, 1))),
                some -> some.optimizer(Optimizer.adam(1e-2)
                        .schedule(Schedule.warmUp(1, Schedule.step(1, 0.1).over(4)))),
                some -> some.optimizer(new Nadam(1e-2)),
                some -> some.optimizer(new NoOp()),
                some -> some.optimizer(Optimizer.of(AdaGrad.builder()
                                .learningRate(1e-2)
                                .learningRateSchedule(new MapSchedule.Builder(ScheduleType.ITERATION)
                                        .add(0, 1e-2)
                                        .add(2, 1e-3)
                                        .build())
                                .build())
                        .clipNorm(1)
                        .weightDecay(0.1)),
                some -> some.loss(Loss.focal(2).labelSmoothing(0.1)),
                some -> some.classWeights(Map.of("red", 3.0)),
                TransferLearner::balancedClassWeights,
                some -> some.batchSize(5),
                some -> some.averageWeights(0.5));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aLoadedClassifierIsTrainedOnAsItWas(UnaryOperator<TransferLearner> setting) {
        Path file = folder.resolve("model.t4j");
        // two, so that a warm-up leaves one
        TransferLearner set = setting.apply(learner).epochs(2);
        try (ImageClassifier first = set.fit(Pictures.dataset(COUNT).select(0, 1, 2, 3, 4, 5, 6, 7, 8, 10))) {
            first.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file);
                    ImageClassifier asTold = setting.apply(loaded.learner()
                                    .optimizer(Optimizer.adam(1e-3))
                                    .loss(Loss.crossEntropy())
                                    .classWeights(Map.of())
                                    .batchSize(32))
                            .epochs(2)
                            .fit(Pictures.dataset(COUNT));
                    ImageClassifier byItself = loaded.learner().epochs(2).fit(Pictures.dataset(COUNT))) {
                assertThat(Bits.of(byItself.toComputationGraph())).isEqualTo(Bits.of(asTold.toComputationGraph()));
                assertThat(byItself.history().withoutTiming())
                        .isEqualTo(asTold.history().withoutTiming());
                Path again = folder.resolve("again.t4j");
                loaded.save(again);
                assertThat(again).hasSameBinaryContentAs(file);
            }
        }
    }

    @Test
    void settingsMatter() {
        try (ImageClassifier first = learner.optimizer(Optimizer.sgd(0.01)).fit(Pictures.dataset(COUNT));
                ImageClassifier second = first.learner().epochs(1).fit(Pictures.dataset(COUNT));
                ImageClassifier other = first.learner()
                        .optimizer(Optimizer.adam(1e-3))
                        .epochs(1)
                        .fit(Pictures.dataset(COUNT))) {
            assertThat(Bits.of(second.toComputationGraph())).isNotEqualTo(Bits.of(other.toComputationGraph()));
        }
    }

    /** A schedule that only its user knows. */
    public static final class Own implements ISchedule {
        private static final long serialVersionUID = 1L;

        @Override
        public double valueAt(int iteration, int epoch) {
            return 0.01;
        }

        @Override
        public ISchedule clone() {
            return new Own();
        }
    }

    @Test
    void whatCanNotBeStoredIsSaidOnceForAllModelsOfATraining() {
        TransferLearner saving = learner.optimizer(new Sgd(new Own()))
                .epochs(3)
                .checkpoints(Checkpoints.in(folder).modelEvery(1));
        assertThat(LogCapture.warningsOf(
                        () -> saving.fit(Pictures.dataset(COUNT)).close()))
                .singleElement()
                .asString()
                .contains("can't be stored", "Sgd");
    }

    @Test
    void whatCanNotBeStoredIsSaidWhenItIsSavedAndWhenItIsMissed() {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier first = learner.optimizer(new Sgd(new Own())).fit(Pictures.dataset(COUNT))) {
            assertThat(LogCapture.warningsOf(() -> first.save(file)))
                    .singleElement()
                    .asString()
                    .contains("can't be stored", "Sgd");
            assertThat(LogCapture.warningsOf(first::learner)).isEmpty();
        }
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(LogCapture.warningsOf(loaded::learner))
                    .singleElement()
                    .asString()
                    .contains("does not say how to go on with its optimizer (Sgd(", "Adam(0.001)");
            assertThat(LogCapture.warningsOf(() -> loaded.save(folder.resolve("again.t4j"))))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"version\":2,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{}}",
                "{\"version\":1,\"batchSize\":0,\"optimizerText\":\"\",\"classWeights\":{}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{\"x\":1}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{\"a\":-1}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":\"fair\"}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\"}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"averageDecay\":1}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"other\":1}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"loss\":{\"binary\":true,\"gamma\":2,\"labelSmoothing\":0}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"optimizer\":{\"name\":\"adam\",\"version\":1,\"learningRate\":-1}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"optimizer\":7}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"updater\":{\"@class\":\"javax.swing.JEditorPane\"}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"updater\":{\"@class\":\"org.nd4j.linalg.learning.config.Sgd\",\"learningRate\":\"NaN\"}}",
                "{\"version\":1,\"batchSize\":8,\"optimizerText\":\"\",\"classWeights\":{},\"updater\":{\"@class\":\"org.deeplearning4j.nn.conf.layers.DenseLayer\"}}",
                "[]"
            })
    void forgedSettingsAreRefused(String settings) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PastTrainingJson.read("{\"settings\":" + settings + "}", List.of("a", "b")));
    }
}
