package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.RmsProp;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class ComputationGraphExportTest {
    private static final INDArray IMAGES = ImagePreprocessing.torch().apply(Pictures.arrays(5));

    private static TransferLearner learner(Backbone backbone) {
        return TransferLearner.of(backbone)
                .weights(Weights.random())
                .preprocessing(ImagePreprocessing.torch())
                .head(Head.globalAveragePooling().dense(6).dropout(0.5))
                .epochs(2)
                .batchSize(8);
    }

    @ParameterizedTest
    @CsvSource({"plain, all", "plain, pool1", "plain, none", "residual, block_add", "upsampling, all"})
    void itGivesTheSameProbabilities(String name, String freeze) {
        Backbone backbone = switch (name) {
            case "plain" -> TinyBackbones.plain();
            case "residual" -> TinyBackbones.residual();
            default -> TinyBackbones.upsampling();
        };
        TransferLearner learner = switch (freeze) {
            case "all" -> learner(backbone).freezeAll();
            case "none" -> learner(backbone).unfreezeAll();
            default -> learner(backbone).freezeUpTo(freeze);
        };
        try (ImageClassifier classifier = learner.fit(Pictures.dataset(16))) {
            INDArray probabilities = classifier.toComputationGraph().outputSingle(IMAGES);

            List<Prediction> predictions = classifier.predict(Pictures.dataset(5));
            for (int i = 0; i < 5; i++) {
                for (ClassScore score : predictions.get(i).top(2)) {
                    assertThat(score.probability())
                            .isCloseTo(probabilities.getDouble(i, score.classIndex()), within(1e-5));
                }
            }
        }
    }

    @Test
    void changingItChangesNothing() {
        try (ImageClassifier classifier = learner(TinyBackbones.plain()).fit(Pictures.dataset(16))) {
            String before = classifier.predict(Pictures.dataset(16)).toString();
            String summary = classifier.summary();

            ComputationGraph graph = classifier.toComputationGraph();
            graph.params().assign(0);
            graph.getConfiguration().getVertices().remove("conv1");

            assertThat(classifier.predict(Pictures.dataset(16)).toString()).isEqualTo(before);
            assertThat(classifier.summary()).isEqualTo(summary);
            assertThat(classifier.toComputationGraph().params().norm2Number().doubleValue())
                    .isPositive();
        }
    }

    @Test
    void itCanBeTrainedOnWithTheClassifiersOptimizer() {
        try (ImageClassifier classifier =
                learner(TinyBackbones.residual()).optimizer(new RmsProp(0.003)).fit(Pictures.dataset(16))) {
            ComputationGraph graph = classifier.toComputationGraph();
            assertThat(graph.getConfiguration().getVertices().values())
                    .filteredOn(vertex -> vertex instanceof LayerVertex layer
                            && layer.getLayerConf().getLayer() instanceof BaseLayer)
                    .extracting(vertex ->
                            ((BaseLayer) ((LayerVertex) vertex).getLayerConf().getLayer()).getIUpdater())
                    .isNotEmpty()
                    .allMatch(new RmsProp(0.003)::equals);
            INDArray before = graph.params().dup();

            graph.fit(new DataSet(IMAGES, Nd4j.eye(2).repeat(0, 3).get(NDArrayIndex.interval(0, 5))));

            assertThat(graph.params()).isNotEqualTo(before);
        }
    }
}
