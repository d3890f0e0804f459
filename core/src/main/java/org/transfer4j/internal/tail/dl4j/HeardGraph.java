package org.transfer4j.internal.tail.dl4j;

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
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.onednn.OneDnnTail;

/**
 * What listeners of DL4J see of a training on oneDNN: a graph with the very parameters and gradients of the tail, its counts
 * and its loss, which nobody trains.
 */
public final class HeardGraph implements OneDnnTail.StepListener {
    private final ComputationGraph graph;
    private boolean inEpoch;

    private HeardGraph(ComputationGraphConfiguration configuration, OneDnnTail tail, TailSettings settings) {
        Graphs.setUpdater(configuration, name -> settings.optimizer().updater());
        graph = new ComputationGraph(configuration);
        graph.init(tail.parameterRow(), false);
        graph.setBackpropGradientsViewArray(tail.gradientRow());
        Gradient all = new DefaultGradient(tail.gradientRow());
        tail.gradients()
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
    public static OneDnnTail tail(Network network, TailSettings settings) {
        ComputationGraphConfiguration configuration = GraphTail.configuration(network, settings);
        Dl4jNetwork said = Dl4jNetwork.read(Dl4jWriter.write(network, new NoOp()), network.inputShape());
        OneDnnTail tail = OneDnnTail.of(said.network(), said, settings);
        try {
            tail.setHeard(new HeardGraph(configuration, tail, settings));
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

    @Override
    public void gradientsKnown(
            INDArray images, Map<String, INDArray> activations, double loss, int iteration, int epoch) {
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
        graph.getListeners().forEach(listener -> listener.iterationDone(graph, iteration, epoch));
    }

    @Override
    public void epochEnded() {
        inEpoch = false;
        graph.getListeners().forEach(listener -> listener.onEpochEnd(graph));
    }
}
