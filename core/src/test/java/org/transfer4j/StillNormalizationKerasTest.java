package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.dl4j.StillNormalization;
import org.transfer4j.internal.tail.onednn.TestHead;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/** Fine-tuning a pretrained network takes the steps of Keras' with {@code training=False}, on both engines. */
class StillNormalizationKerasTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("fine_tuning/fine_tuning.json");
    private static final double[] LOSSES = numbers(GOLDEN.get("losses"));
    private static final int IMAGES = GOLDEN.get("images").asInt();
    private static final Map<String, String> DL4J_NAMES =
            Map.of("gamma", "gamma", "beta", "beta", "moving_mean", "mean", "moving_variance", "var", "bias", "b");

    private final TransferLearner learner = learner("mobile.keras", GOLDEN);

    @TempDir
    Path folder;

    private static TransferLearner learner(String model, JsonNode golden) {
        TransferLearner learner = TransferLearner.of(Backbone.keras(GoldenFiles.path("keras_models/" + model)))
                .unfreezeAll()
                .head(Head.globalAveragePooling().classes(3))
                .optimizer(Optimizer.sgd(golden.get("rate").asDouble()))
                .batchSize(IMAGES)
                .epochs(LOSSES.length);
        Settings settings = learner.settings();
        Settings.NetworkSettings network = settings.network();
        return new TransferLearner(settings.with(network.with(
                network.origin().withStart(start(learner, golden.get("factor").asDouble())))));
    }

    /** The weights of the model file, with those of its head, which no backbone has. */
    private static LearnedStart start(TransferLearner learner, double factor) {
        WeightedNetwork whole = BackboneParameters.of(
                        learner.settings().network(), learner.settings().data())
                .fill(learner.settings().plan(3).network());
        Map<String, INDArray> head = whole.parameters().get("predictions");
        long[] shape = TestHead.kernel(head).shape();
        TestHead.kernel(head)
                .assign(Nd4j.create(HashWeights.values("predictions/kernel", shape), shape, 'c')
                        .mul(factor));
        head.get("b").assign(Nd4j.createFromArray(HashWeights.values("predictions/bias", 3)));
        return new LearnedStart(
                whole.parameters(),
                data(learner).classNames(),
                data(learner).classNames(),
                TrainingHistory.empty(),
                null,
                new UpdaterState(0, 0, Map.of()),
                false,
                false);
    }

    private static ImageDataset data(TransferLearner learner) {
        return ImageDataset.of(
                IntegerImages.rgb(
                        IMAGES,
                        learner.settings().network().height(),
                        learner.settings().network().width()),
                IntStream.range(0, IMAGES).map(i -> i % 3).toArray());
    }

    @Test
    void aFitFollowsKeras() {
        try (ImageClassifier classifier = learner.fit(data(learner))) {
            assertThat(classifier.history().epochs().stream().mapToDouble(EpochRecord::loss))
                    .hasSameSizeAs(LOSSES);
            assertThat(classifier.history().epochs().stream()
                            .mapToDouble(EpochRecord::loss)
                            .toArray())
                    .containsExactly(LOSSES, within(2e-5));
            assertEndsAsKeras(classifier.toComputationGraph(), GOLDEN);
        }
    }

    @Test
    void dl4jFollowsKeras() {
        ComputationGraph graph = inDl4j(learner);
        DataSet batch = batch(learner);
        for (double loss : LOSSES) {
            graph.fit(batch);
            assertThat(graph.score()).isCloseTo(loss, within(2e-5));
        }
        assertEndsAsKeras(graph, GOLDEN);
    }

    /** A shift or a scale that Keras leaves out is 0 or 1 and stays so, and a file of weights has none. */
    @Test
    void whatANormalizationHasNotIsNotLearned() {
        JsonNode golden = GoldenFiles.json("fine_tuning/fine_tuning_residual.json");
        TransferLearner residual = learner("residual.keras", golden);
        try (ImageClassifier classifier = residual.fit(data(residual))) {
            assertThat(classifier.history().epochs().stream()
                            .mapToDouble(EpochRecord::loss)
                            .toArray())
                    .containsExactly(numbers(golden.get("losses")), within(2e-5));
            ComputationGraph fitted = classifier.toComputationGraph();
            assertEndsAsKeras(fitted, golden);
            assertThat(vector(fitted, "block_1_bn", "beta")).containsOnly(0);
            assertThat(vector(fitted, "block_2_bn", "gamma")).containsOnly(1);

            Path weights = folder.resolve("residual.safetensors");
            classifier.saveBackboneWeights(weights);
            try (ImageClassifier again =
                    residual.weights(Weights.file(weights)).epochs(1).fit(data(residual))) {
                assertThat(vector(again.toComputationGraph(), "block_2_bn", "gamma"))
                        .containsOnly(1);
            }
            Path saved = folder.resolve("residual.t4j");
            classifier.save(saved);
            try (ImageClassifier loaded = ImageClassifier.load(saved);
                    ImageClassifier further = loaded.learner().epochs(1).fit(data(residual))) {
                assertThat(vector(further.toComputationGraph(), "block_1_bn", "beta"))
                        .containsOnly(0);
            }
        }
    }

    /** By the statistics of each batch, too, and in moments. */
    @Test
    void batchStatisticsAndMomentsLeaveItAlone() {
        TransferLearner residual = TransferLearner.of(Backbone.keras(GoldenFiles.path("keras_models/residual.keras")))
                .unfreezeAll()
                .batchStatistics(true)
                .head(Head.globalAveragePooling().classes(3))
                .optimizer(Optimizer.adam(1e-3))
                .epochs(2);
        try (ImageClassifier classifier = residual.fit(data(residual))) {
            ComputationGraph fitted = classifier.toComputationGraph();
            assertThat(vector(fitted, "block_1_bn", "beta")).containsOnly(0);
            assertThat(vector(fitted, "block_2_bn", "gamma")).containsOnly(1);
            assertThat(vector(fitted, "block_2_bn", "beta")).doesNotContain(0);
        }
    }

    private static ComputationGraph inDl4j(TransferLearner learner) {
        NetworkPlan plan = learner.settings().plan(3);
        ComputationGraph graph = Graphs.instantiate(StillNormalization.in(Dl4jWriter.write(
                plan.network(), learner.settings().training().optimizer().updater())));
        Dl4jParameters.copy(
                BackboneParameters.of(
                                learner.settings().network(), learner.settings().data())
                        .fill(plan.network()),
                graph);
        return graph;
    }

    private static DataSet batch(TransferLearner learner) {
        INDArray pixels = new DatasetSource(data(learner))
                .open(
                        new NetworkInput(
                                learner.settings().network().height(),
                                learner.settings().network().width(),
                                learner.settings().data().preprocessing()),
                        IMAGES)
                .next()
                .features();
        INDArray labels = Nd4j.zeros(IMAGES, 3);
        IntStream.range(0, IMAGES).forEach(i -> labels.putScalar(i, i % 3, 1));
        return new DataSet(pixels, labels);
    }

    private static double[] vector(ComputationGraph graph, String layer, String parameter) {
        return graph.getLayer(layer).getParam(parameter).toDoubleVector();
    }

    private static void assertEndsAsKeras(ComputationGraph graph, JsonNode golden) {
        golden.get("vectors")
                .properties()
                .forEach(layer -> layer.getValue()
                        .properties()
                        .forEach(vector -> assertThat(graph.getLayer(layer.getKey())
                                        .getParam(DL4J_NAMES.get(vector.getKey()))
                                        .toDoubleVector())
                                .as("%s of %s", vector.getKey(), layer.getKey())
                                .containsExactly(numbers(vector.getValue()), within(2e-5))));
        golden.get("kernelSquares").properties().forEach(kernel -> {
            INDArray weights = graph.getLayer(kernel.getKey()).getParam("W");
            double squares = kernel.getValue().asDouble();
            assertThat(weights.mul(weights).sumNumber().doubleValue())
                    .as(kernel.getKey())
                    .isCloseTo(squares, within(1e-5 * squares));
        });
    }

    private static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }
}
