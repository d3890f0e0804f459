package org.transfer4j.internal.tail.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.tail.GradientClipping;
import org.transfer4j.internal.tail.HandedRate;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.UpdaterState;

/** DL4J's updater of a graph, with what DL4J has not: clipping over all layers, and weight decay at the handed rate. */
final class GraphDescent extends ComputationGraphUpdater {
    private final HandedRate rate;
    private final GradientClipping clipping;
    private final double weightDecay;
    private final List<Decayed> weights;

    /** Weights, and the part of the learning rate that their layer gets. */
    private record Decayed(INDArray weights, double ratePart) {}

    GraphDescent(ComputationGraph graph, HandedRate rate, TailSettings settings) {
        super(graph);
        this.rate = rate;
        clipping = GradientClipping.of(settings.optimizer());
        weightDecay = settings.optimizer().weightDecay();
        weights = weights(graph, settings.rateParts());
    }

    /** Those of dense and convolutional layers: neither biases nor what belongs to batch normalization. */
    private static List<Decayed> weights(ComputationGraph graph, Map<String, Double> rateParts) {
        List<Decayed> weights = new ArrayList<>();
        for (Layer layer : graph.getLayers()) {
            Map<String, INDArray> parameters = layer.paramTable();
            if (parameters != null) {
                org.deeplearning4j.nn.conf.layers.Layer configuration =
                        layer.conf().getLayer();
                parameters.forEach((name, value) -> {
                    if (configuration.initializer().isWeightParam(configuration, name)) {
                        weights.add(new Decayed(value, rateParts.getOrDefault(configuration.getLayerName(), 1.0)));
                    }
                });
            }
        }
        return weights;
    }

    @Override
    public synchronized void update(
            Gradient gradient, int iteration, int epoch, int batchSize, LayerWorkspaceMgr workspaces) {
        if (!clipping.isNone()) {
            // DL4J divides by the batch size after this; what batch normalization measured is no gradient
            List<INDArray> gradients = getMinibatchDivisionSubsets(getFlattenedGradientsView());
            clipping.apply(gradients, isMiniBatch() ? batchSize : 1);
        }
        if (weightDecay > 0) {
            double learningRate = rate.valueAt(iteration, epoch);
            weights.forEach(decayed -> decayed.weights().muli(1 - learningRate * decayed.ratePart() * weightDecay));
        }
        super.update(gradient, iteration, epoch, batchSize, workspaces);
    }

    /** A copy of the state of each parameter, by "vertex/parameter/number". */
    Map<String, INDArray> stateByName() {
        return UpdaterState.read(places(this), blocks(this));
    }

    /** Puts a state where DL4J keeps it. */
    static void write(UpdaterState state, ComputationGraphUpdater updater) {
        state.write(places(updater), blocks(updater));
    }

    private static List<UpdaterState.Place> places(ComputationGraphUpdater updater) {
        return updater.getUpdaterBlocks().stream()
                .flatMap(block -> block.getLayersAndVariablesInBlock().stream())
                .map(place -> new UpdaterState.Place(
                        place.getLayer().getConfig().getLayerName() + "/" + place.getParamName(),
                        place.getParamOffsetStart(),
                        place.getParamOffsetEnd()))
                .toList();
    }

    private static List<UpdaterState.Block> blocks(ComputationGraphUpdater updater) {
        return updater.getUpdaterBlocks().stream()
                .map(block -> UpdaterState.Block.of(
                        block.getParamOffsetStart(), block.getParamOffsetEnd(), block.getUpdaterView()))
                .toList();
    }
}
