package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** By what trained batch normalization layers normalize, by default and where it is said. */
class BatchStatisticsTest {
    private static final ImageDataset DIGITS = SampleDatasets.digits().limit(25);

    @TempDir
    Path folder;

    /** Weights that somebody learned, as far as a learner knows. */
    private static ComputationGraph network() {
        ComputationGraph graph =
                Graphs.instantiate(TinyBackbones.residual().topology().configure(16, 16));
        Dl4jGraphs.fill(graph, 7, 3, 16, 16);
        graph.getLayer("stem_bn").getParam("mean").assign(0.3);
        graph.getLayer("block_bn").getParam("mean").assign(-0.2);
        return graph;
    }

    private static TransferLearner pretrained() {
        return settings(TransferLearner.of(Backbone.of(network())).preprocessing(ImagePreprocessing.unit()));
    }

    private static TransferLearner random() {
        return settings(TransferLearner.of(TinyBackbones.residual()).weights(Weights.random()));
    }

    private static TransferLearner settings(TransferLearner learner) {
        return learner.unfreezeAll()
                .head(Head.globalAveragePooling())
                .optimizer(Optimizer.sgd(0.01))
                .epochs(2);
    }

    static Stream<Named<TransferLearner>> still() {
        return Stream.of(
                Named.of("pretrained", pretrained()),
                Named.of("pretrained, partly frozen", pretrained().freezeUpTo("stem_bn")),
                Named.of("pretrained, in phases", pretrained().fineTune(Phase.head(), Phase.all())),
                Named.of("pretrained, in batches of one", pretrained().batchSize(1)),
                Named.of("pretrained, heard by DL4J's listener", pretrained().listener(new BaseTrainingListener() {})),
                Named.of("random, as told", random().batchStatistics(false)));
    }

    static Stream<Named<TransferLearner>> moving() {
        return Stream.of(
                Named.of("random", random()),
                Named.of("random, in phases", random().fineTune(Phase.head(), Phase.all())),
                Named.of("pretrained, as told", pretrained().batchStatistics(true)),
                Named.of("pretrained, replaced by random ones", pretrained().weights(Weights.random())));
    }

    @ParameterizedTest
    @MethodSource
    void still(TransferLearner learner) {
        try (ImageClassifier classifier = learner.fit(DIGITS);
                ImageClassifier further = again(classifier)) {
            assertThat(classifier.history().last().orElseThrow().loss())
                    .isLessThan(classifier.history().epochs().get(0).loss());
            assertThat(mean(further)).isEqualTo(mean(classifier));
            double expected = learner.settings().network().weights().equals(Weights.random()) ? 0 : -0.2;
            assertThat(mean(classifier).toFloatVector()).containsOnly((float) expected);
            assertThat(scale(classifier).toFloatVector()).isNotEqualTo(new float[] {1, 1, 1, 1});
            assertThat(scale(further)).isNotEqualTo(scale(classifier));
        }
    }

    @ParameterizedTest
    @MethodSource
    void moving(TransferLearner learner) {
        try (ImageClassifier classifier = learner.fit(DIGITS);
                ImageClassifier further = again(classifier)) {
            assertThat(mean(classifier).toFloatVector()).doesNotContain(0f, -0.2f);
            assertThat(mean(further)).isNotEqualTo(mean(classifier));
        }
    }

    /** Trains what a file remembers. */
    private ImageClassifier again(ImageClassifier classifier) {
        Path file = folder.resolve("model.t4j");
        classifier.save(file);
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            return settings(loaded.learner()).fit(DIGITS);
        }
    }

    private static INDArray mean(ImageClassifier classifier) {
        return classifier.toComputationGraph().getLayer("block_bn").getParam("mean");
    }

    private static INDArray scale(ImageClassifier classifier) {
        return classifier.toComputationGraph().getLayer("block_bn").getParam("gamma");
    }

    @Test
    void whatIsLearnedInTrainingIsWhatIsPredicted() {
        // one step in one batch: the loss that the second epoch reports is that of the network after the first
        TransferLearner learner = pretrained().batchSize(25);
        try (ImageClassifier one = learner.epochs(1).fit(DIGITS);
                ImageClassifier two = learner.epochs(2).fit(DIGITS)) {
            assertThat(two.history().last().orElseThrow().loss())
                    .isCloseTo(one.evaluate(DIGITS).loss(), within(1e-5));
        }
    }

    @Test
    void aCheckpointOfTheOtherKindIsRefused() {
        TransferLearner learner = pretrained().checkpoints(Checkpoints.in(folder));
        learner.fit(DIGITS).close();
        assertThatThrownBy(() -> learner.batchStatistics(true).fit(DIGITS))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("batch statistics is false there, and true here");
    }
}
