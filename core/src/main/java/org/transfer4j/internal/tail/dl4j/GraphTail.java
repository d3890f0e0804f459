package org.transfer4j.internal.tail.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.GradientClipping;
import org.transfer4j.internal.tail.HandedRate;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.loss.MeasuredLoss;

/** A tail on DL4J: any layers that DL4J can train, slowly. */
public final class GraphTail implements Tail {
    private final ComputationGraph graph;
    private final Dl4jParameters parameters;
    private final String output;
    private final MeasuredLoss measured;
    private final HandedRate rate = new HandedRate();
    private final Descent descent;
    private boolean inEpoch;

    /**
     * Builds a tail that predicts, with all parameters zero; the caller fills them.
     *
     * @throws UnsupportedGraphException if there is a node that DL4J can't compute, which the message names
     */
    public GraphTail(Network network, TailSettings settings) {
        measured = new MeasuredLoss(settings.loss());
        ComputationGraphConfiguration own = configuration(network, settings);
        // not one to be cloned: ND4J's AdaGrad forgets its schedule then
        Graphs.setUpdater(
                own,
                name -> rate.handedTo(
                        settings.optimizer().updater(), settings.rateParts().getOrDefault(name, 1.0)));
        // without it DL4J runs each convolution's forward pass a second time in backpropagation
        own.setCacheMode(CacheMode.DEVICE);
        output = own.getNetworkOutputs().get(0);
        if (!(own.getVertices().get(output) instanceof LayerVertex last)
                || !(last.getLayerConf().getLayer() instanceof BaseOutputLayer layer)) {
            throw new IllegalArgumentException("a tail ends in an output layer, but " + output + " is none");
        }
        layer.setLossFn(measured);
        graph = Graphs.instantiate(own);
        parameters = new Dl4jParameters(network, Graphs.parameters(graph));
        descent = new Descent(graph, rate, settings);
        graph.setUpdater(descent);
        graph.addListeners(settings.listeners().toArray(TrainingListener[]::new));
    }

    /**
     * Builds a tail that is to learn.
     *
     * @throws UnsupportedGraphException if there is a node that DL4J can't compute, or whose gradient it has wrong; the
     *     message names it
     */
    public static GraphTail learning(Network network, TailSettings settings) {
        requireRightGradients(network);
        return new GraphTail(network, settings);
    }

    /**
     * Checks that DL4J learns what is to be learned, and by the gradients of what it computes.
     *
     * @throws UnsupportedGraphException if one is not; the message names the node
     */
    public static void requireRightGradients(Network network) {
        for (Network.Node node : network.nodes().values()) {
            Optional<String> reason = node.op() instanceof Op.Activate activate
                    ? wrongGradient(activate.activation())
                    : node.op() instanceof Op.Normalization normalization ? oneFixed(normalization) : Optional.empty();
            reason.ifPresent(what -> {
                throw UnsupportedGraphException.of(node, what);
            });
        }
    }

    private static Optional<String> oneFixed(Op.Normalization op) {
        return op.fixed() != null && op.fixed().size() == 1
                ? Optional.of("DL4J learns scale and shift of a batch normalization, or neither, but "
                        + op.fixed().get(0) + " alone is fixed")
                : Optional.empty();
    }

    /** What ND4J's activations forget in their backward passes; their results are right. */
    private static Optional<String> wrongGradient(Activation activation) {
        if (activation.function() == Activation.Function.ELU && activation.alpha() != 1) {
            return Optional.of("DL4J's gradient of ELU is that of alpha 1, not " + activation.alpha());
        }
        if (activation.function() == Activation.Function.RELU && activation.beta() == 0) {
            return Optional.of("DL4J's gradient of ReLU is that of one without a maximum, not of one that ends at 0");
        }
        return Optional.empty();
    }

    /** A network as DL4J has it, in which batch normalization is as the settings say. */
    static ComputationGraphConfiguration configuration(Network network, TailSettings settings) {
        ComputationGraphConfiguration written = Dl4jWriter.write(network, new NoOp());
        return settings.batchStatistics() ? written : StillNormalization.in(written);
    }

    @Override
    public synchronized StepResult train(Batch batch, double learningRate) {
        rate.set(learningRate);
        parameters.push();
        if (!inEpoch) {
            inEpoch = true;
            graph.getListeners().forEach(listener -> listener.onEpochStart(graph));
        }
        INDArray labels = measured.labels(batch, Math.toIntExact(graph.layerSize(output)));
        graph.fit(new DataSet(batch.features(), labels));
        parameters.pull();
        return new StepResult(graph.score(), measured.correct());
    }

    // one call at a time: a ComputationGraph keeps each layer's input in the layer
    @Override
    public synchronized INDArray probabilities(Batch batch) {
        parameters.push();
        return graph.outputSingle(false, batch.features()).castTo(DataType.FLOAT);
    }

    @Override
    public void endEpoch() {
        inEpoch = false;
        parameters.push();
        graph.getListeners().forEach(listener -> listener.onEpochEnd(graph));
        graph.incrementEpochCount();
    }

    @Override
    public synchronized UpdaterState updaterState() {
        return new UpdaterState(
                graph.getIterationCount(), graph.getEpochCount(), parameters.ours(descent.stateByName()));
    }

    @Override
    public synchronized void restore(UpdaterState state) {
        Descent.write(theirs(parameters, state), descent);
        graph.getConfiguration().setIterationCount(state.iteration());
        graph.getConfiguration().setEpochCount(state.epoch());
    }

    /** What an updater remembers, as DL4J's has it. */
    static UpdaterState theirs(Dl4jParameters parameters, UpdaterState state) {
        return new UpdaterState(state.iteration(), state.epoch(), parameters.dl4js(state.values()));
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        return parameters.values();
    }

    @Override
    public synchronized void close() {
        graph.close();
    }

    /** DL4J's updater of a graph, with what DL4J has not: clipping over all layers, and weight decay at the handed rate. */
    static final class Descent extends ComputationGraphUpdater {
        private final HandedRate rate;
        private final GradientClipping clipping;
        private final double weightDecay;
        private final List<Decayed> weights;

        /** Weights, and the part of the learning rate that their layer gets. */
        private record Decayed(INDArray weights, double ratePart) {}

        Descent(ComputationGraph graph, HandedRate rate, TailSettings settings) {
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
}
