package org.transfer4j.internal.tail;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * What listeners of DL4J see of a training on oneDNN: a graph with the very parameters and gradients of the tail, its counts
 * and its loss, which nobody trains.
 */
final class HeardGraph {
    private final ComputationGraph graph;
    private final String features;
    private final List<DenseLayerShape> dense;
    private boolean inEpoch;

    private HeardGraph(ComputationGraphConfiguration configuration, String features, OneDnnTail tail) {
        TailSettings settings = tail.settings();
        ParameterRow gradients = tail.gradientRow();
        this.features = features;
        this.dense = gradients.layout().dense();
        Graphs.setUpdater(configuration, name -> settings.optimizer().updater());
        graph = new ComputationGraph(configuration);
        graph.init(tail.parameterRow().all(), false);
        graph.setBackpropGradientsViewArray(gradients.all());
        Gradient all = new DefaultGradient(gradients.all());
        gradients
                .byName()
                .forEach((layer, views) -> views.forEach((name, view) -> all.setGradientFor(layer + "_" + name, view)));
        graph.setGradient(all);
        graph.setUpdater(new Updater(graph, tail));
        graph.addListeners(settings.listeners().toArray(TrainingListener[]::new));
    }

    /**
     * A tail on oneDNN that the settings' listeners hear, with its parameters in the order of DL4J's vector.
     *
     * @throws UnsupportedGraphException if DL4J can't compute it, or a layer can't be trained on oneDNN
     */
    static OneDnnTail tail(Network network, TailSettings settings) {
        ComputationGraphConfiguration configuration = GraphTail.configuration(network, settings);
        Dl4jNetwork said = Dl4jNetwork.read(Dl4jWriter.write(network, new NoOp()), network.inputShape());
        OneDnnTail tail = OneDnnTail.of(said.network(), said, settings);
        try {
            tail.setHeard(
                    new HeardGraph(configuration, DenseChain.of(said.network()).features(), tail));
            return tail;
        } catch (RuntimeException e) {
            tail.close();
            throw e;
        }
    }

    /** The state of the tail's own, for listeners that write a graph to a file. */
    @SuppressWarnings("serial")
    private static final class Updater extends ComputationGraphUpdater {
        private final transient OneDnnTail tail;

        Updater(ComputationGraph graph, OneDnnTail tail) {
            super(graph);
            this.tail = tail;
        }

        @Override
        public INDArray getStateViewArray() {
            GraphDescent.write(tail.updaterState(), this);
            return super.getStateViewArray();
        }
    }

    /** The gradients of a step are known, which is still to be taken. */
    void gradientsKnown(INDArray images, INDArray read, DenseMemory room, double loss, Descent.StepPoint point) {
        graph.getConfiguration().setIterationCount(point.iteration());
        graph.getConfiguration().setEpochCount(point.epoch());
        if (!inEpoch) {
            inEpoch = true;
            graph.getListeners().forEach(listener -> listener.onEpochStart(graph));
        }
        graph.setInputs(images);
        graph.setScore(loss);
        Map<String, INDArray> activations = new LinkedHashMap<>(Map.of(features, read));
        for (int layer = 0; layer + 1 < dense.size(); layer++) {
            activations.put(dense.get(layer).name(), room.output(layer).values().copy((int) read.size(0)));
        }
        graph.getListeners().forEach(listener -> listener.onForwardPass(graph, activations));
        graph.getListeners().forEach(listener -> listener.onBackwardPass(graph));
        graph.getListeners().forEach(listener -> listener.onGradientCalculation(graph));
    }

    /** The step is taken. */
    void stepTaken(Descent.StepPoint point) {
        graph.getListeners().forEach(listener -> listener.iterationDone(graph, point.iteration(), point.epoch()));
    }

    void endEpoch() {
        inEpoch = false;
        graph.getListeners().forEach(listener -> listener.onEpochEnd(graph));
    }
}
