package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.fit.Fit;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.DenseWeights;
import org.transfer4j.training.TrainingHistory;

/** Classifiers that were not trained: the backbone as a learner says, the dense layers above it from a Keras file. */
final class KerasClassifier {
    private static final int CLASSES = 10;

    private KerasClassifier() {}

    /**
     * Builds one as {@link Fit} does, on the engine that is first choice on this machine.
     *
     * @param learner says backbone, freeze and head
     * @param head the file that holds the dense layers
     * @param features what the first of them finds flattened
     * @param layers their names in the file, from the lowest
     */
    static ImageClassifier read(TransferLearner learner, Path head, Shape features, String... layers) {
        Settings settings = learner.settings();
        NetworkPlan plan = settings.plan(CLASSES);
        BackboneParameters parameters = BackboneParameters.of(settings.network(), settings.data());
        Tail tail = TailCompiler.compile(
                plan.tail(),
                new TailSettings(
                        settings.training().optimizer(),
                        TrainingLoss.crossEntropy(),
                        settings.data().seed()));
        parameters.fill(plan.tail(), tail.parameters());
        fillHead(tail.parameters(), head, features, layers);
        WeightedNetwork frozen = plan.trunk().map(parameters::fill).orElse(null);
        List<String> names =
                IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList();
        FittedNetwork network = new FittedNetwork(
                plan,
                settings.data().preprocessing(),
                names,
                false,
                frozen,
                settings.network().precision(),
                settings.network().algorithms(),
                tail);
        String engine = OneDnn.available() ? "oneDNN" : "DL4J";
        network.trunk().ifPresent(trunk -> assertThat(trunk.engine()).startsWith(engine));
        return new ImageClassifier(new Fitted(network, TrainingHistory.empty(), null, false));
    }

    private static void fillHead(Map<String, Map<String, INDArray>> tail, Path file, Shape features, String... layers) {
        List<Map<String, INDArray>> all = List.copyOf(tail.values());
        Iterator<Map<String, INDArray>> dense =
                all.subList(all.size() - layers.length, all.size()).iterator();
        Shape inputs = features;
        for (String layer : layers) {
            Map<String, INDArray> parameters = dense.next();
            int units = Math.toIntExact(parameters.get("b").length());
            Map<String, INDArray> read = DenseWeights.dense(file, layer, inputs, units);
            parameters.forEach((name, value) -> value.assign(read.get(name)));
            inputs = Shape.of(units);
        }
    }

    /** What it predicts, [N, 10]. */
    static INDArray probabilities(ImageClassifier classifier, ImageDataset images) {
        float[][] rows = classifier.predict(images).stream()
                .map(prediction -> {
                    float[] row = new float[CLASSES];
                    prediction.top(CLASSES).forEach(score -> row[score.classIndex()] = (float) score.probability());
                    return row;
                })
                .toArray(float[][]::new);
        return Nd4j.createFromArray(rows);
    }
}
