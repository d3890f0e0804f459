package org.transfer4j.internal.tail.dl4j;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.onednn.OneDnnTail;

/**
 * What listeners of DL4J see of a training on oneDNN: a graph with copies of the parameters and gradients of the tail, its
 * counts and its loss, which nobody trains. Parameters that a listener sets are not learned from.
 */
public final class HeardGraph implements OneDnnTail.StepListener {
    private final ComputationGraph graph;
    private final OneDnnTail tail;
    private final Dl4jParameters parameters;
    private final Dl4jParameters gradients;
    private boolean inEpoch;

    private HeardGraph(
            ComputationGraphConfiguration configuration, Network network, OneDnnTail tail, TailSettings settings) {
        this.tail = tail;
        Graphs.setUpdater(configuration, name -> settings.optimizer().updater());
        graph = Graphs.instantiate(configuration);
        parameters = new Dl4jParameters(network, Graphs.parameters(graph));
        // a graph's parameters are views of a row, and so are its gradients
        ComputationGraph row = Graphs.instantiate(configuration.clone());
        Map<String, Map<String, INDArray>> views = Graphs.parameters(row);
        gradients = new Dl4jParameters(network, views);
        graph.setBackpropGradientsViewArray(row.params());
        Gradient all = new DefaultGradient(row.params());
        views.forEach((layer, own) -> own.forEach((name, view) -> all.setGradientFor(layer + "_" + name, view)));
        graph.setGradient(all);
        graph.setUpdater(new Updater(graph, parameters, tail));
        graph.addListeners(settings.listeners().toArray(TrainingListener[]::new));
    }

    private void showParameters() {
        ParameterValues.copy(tail.parameters(), parameters.values());
        parameters.push();
    }

    /** Of what is measured, and not learned, they stay zero. */
    private void showGradients() {
        Map<String, Map<String, INDArray>> learned = tail.gradients();
        gradients
                .values()
                .forEach((owner, views) -> views.forEach((name, view) -> {
                    INDArray gradient = learned.getOrDefault(owner, Map.of()).get(name);
                    if (gradient != null && !ParameterValues.isStatistic(name)) {
                        view.assign(gradient);
                    }
                }));
        gradients.push();
    }

    /**
     * A tail on oneDNN that the settings' listeners hear.
     *
     * @throws UnsupportedGraphException if DL4J can't compute it, or a layer can't be trained on oneDNN
     */
    public static OneDnnTail tail(Network network, TailSettings settings) {
        ComputationGraphConfiguration configuration = GraphTail.configuration(network, settings);
        OneDnnTail tail = OneDnnTail.of(network, settings);
        try {
            tail.setHeard(new HeardGraph(configuration, network, tail, settings));
            return tail;
        } catch (RuntimeException e) {
            tail.close();
            throw e;
        }
    }

    /** The state of the tail's own, for listeners that write a graph to a file. */
    @SuppressWarnings("serial")
    private static final class Updater extends ComputationGraphUpdater {
        private final transient Dl4jParameters parameters;
        private final transient OneDnnTail tail;

        Updater(ComputationGraph graph, Dl4jParameters parameters, OneDnnTail tail) {
            super(graph);
            this.parameters = parameters;
            this.tail = tail;
        }

        @Override
        public INDArray getStateViewArray() {
            GraphTail.Descent.write(GraphTail.theirs(parameters, tail.updaterState()), this);
            return super.getStateViewArray();
        }
    }

    @Override
    public void gradientsKnown(
            INDArray images, Map<String, INDArray> activations, double loss, int iteration, int epoch) {
        showParameters();
        showGradients();
        graph.getConfiguration().setIterationCount(iteration);
        graph.getConfiguration().setEpochCount(epoch);
        if (!inEpoch) {
            inEpoch = true;
            graph.getListeners().forEach(listener -> listener.onEpochStart(graph));
        }
        graph.setInputs(images);
        graph.setScore(loss);
        graph.getListeners().forEach(listener -> listener.onForwardPass(graph, activations));
        graph.getListeners().forEach(listener -> listener.onBackwardPass(graph));
        graph.getListeners().forEach(listener -> listener.onGradientCalculation(graph));
    }

    @Override
    public void stepTaken(int iteration, int epoch) {
        showParameters();
        graph.getListeners().forEach(listener -> listener.iterationDone(graph, iteration, epoch));
    }

    @Override
    public void epochEnded() {
        inEpoch = false;
        graph.getListeners().forEach(listener -> listener.onEpochEnd(graph));
    }
}
