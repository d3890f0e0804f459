package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Engine;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** Backbones with ops that DL4J has not: what needs DL4J is refused before any work. */
class UnsaidByDl4jTest {
    private static final ImageDataset DATA = Pictures.dataset(8);

    private static TransferLearner learner(Backbone backbone) {
        return TransferLearner.of(backbone).weights(Weights.random()).inputSize(32, 32);
    }

    @Test
    void featuresAreComputed() {
        assertThat(learner(Backbone.resNeXt50().upTo("conv2_block1_out"))
                        .features(DATA)
                        .shape())
                .containsExactly(8, 256, 8, 8);
    }

    static Stream<TransferLearner> fineTuned() {
        return Stream.of(
                        Backbone.resNeXt50().upTo("conv2_block1_out"),
                        Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"))
                .map(backbone -> learner(backbone)
                        .optimizer(Optimizer.adam(3e-3))
                        .batchSize(8)
                        .fineTune(Phase.head().epochs(1), Phase.all().epochs(6)));
    }

    @ParameterizedTest
    @MethodSource("fineTuned")
    void theyAreTrainedSavedAndLoaded(TransferLearner learner, @TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier = learner.fit(DATA)) {
            List<EpochRecord> epochs = classifier.history().epochs();
            assertThat(epochs.get(6).loss()).isLessThan(epochs.get(1).loss());
            classifier.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.predict(DATA).get(0).probability())
                        .isEqualTo(classifier.predict(DATA).get(0).probability());
            }
            assertThatThrownBy(classifier::toComputationGraph)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("exportOnnx");
        }
    }

    /** As on a machine for which there is no oneDNN: what was trained elsewhere predicts the same, and is not trained. */
    @ParameterizedTest
    @MethodSource("fineTuned")
    void withoutOneDnnTheyPredict(TransferLearner learner, @TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier = learner.fit(DATA)) {
            classifier.save(file);
            Engine.use(Engine.DL4J);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                List<Prediction> expected = classifier.predict(DATA);
                List<Prediction> predicted = loaded.predict(DATA);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(predicted.get(i).label())
                            .isEqualTo(expected.get(i).label());
                    assertThat(predicted.get(i).probability())
                            .isCloseTo(expected.get(i).probability(), within(1e-4));
                }
                assertThat(loaded.evaluate(DATA).loss())
                        .isCloseTo(classifier.evaluate(DATA).loss(), within(1e-4));
                Path again = folder.resolve("again.t4j");
                loaded.save(again);
                assertThat(again).hasSameBinaryContentAs(file);
                assertThatThrownBy(() -> learner.fit(DATA))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("can't be trained there yet: layer '");
            } finally {
                Engine.use(Engine.AUTOMATIC);
            }
        }
    }

    /** DL4J computes it, but would learn from another gradient. */
    @Test
    void whatDl4jLearnsWrongOnlyPredictsThere(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        TransferLearner learner = learner(TinyBackbones.exponential()).epochs(2).batchSize(8);
        try (ImageClassifier classifier = learner.unfreezeAll().fit(DATA)) {
            classifier.save(file);
            Engine.use(Engine.DL4J);
            assertThatThrownBy(() -> learner.unfreezeAll().fit(DATA))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("can't be trained there yet: layer 'elu' (Activation): DL4J's gradient of ELU"
                            + " is that of alpha 1, not 0.3; freeze that layer");
            learner.fit(DATA).close();
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.predict(DATA).get(0).probability())
                        .isCloseTo(classifier.predict(DATA).get(0).probability(), within(1e-4));
                assertThat(loaded.toComputationGraph().getVertex("elu")).isNotNull();
            }
        } finally {
            Engine.use(Engine.AUTOMATIC);
        }
    }

    @Test
    void listenersOfDl4jHearNothingOfThem() {
        AtomicInteger epochs = new AtomicInteger();
        FitListener counting = new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                epochs.incrementAndGet();
            }
        };
        TransferLearner learner = learner(Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"))
                .fineTune(Phase.head().epochs(1), Phase.all().epochs(1))
                .listener(counting)
                .listener(new ScoreIterationListener());
        assertThatThrownBy(() -> learner.fit(DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can't be trained there yet: layer 'conv_activation'");
        assertThat(epochs).hasValue(0);
    }

    @Test
    void aHeadOnThemIsFittedSavedAndLoaded(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier = learner(Backbone.mobileNetV3Large().upTo("expanded_conv_3_project_bn"))
                .epochs(1)
                .fit(DATA)) {
            classifier.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.predict(DATA).get(0).probability())
                        .isEqualTo(classifier.predict(DATA).get(0).probability());
            }
            assertThatThrownBy(classifier::toComputationGraph).hasMessageContaining("layer 'conv_activation'");
        }
    }

    @Test
    void belowTheFirstSuchLayerItIsFitted() {
        try (ImageClassifier classifier =
                learner(Backbone.regNetY016().upTo("stem.bn.act")).epochs(1).fit(DATA)) {
            assertThat(classifier.predict(DATA)).hasSize(8);
        }
    }
}
