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
import org.transfer4j.internal.dl4j.Graphs;

/**
 * What listeners of DL4J see of a training on oneDNN: a graph with the very parameters and gradients of the tail, its counts
 * and its loss, which nobody trains.
 */
final class HeardGraph {
    private final ComputationGraph graph;
    private final String features;
    private final List<DenseLayerShape> dense;
    private boolean inEpoch;

    HeardGraph(
            ComputationGraphConfiguration configuration,
            String features,
            OneDnnTail tail,
            ParameterRow parameters,
            ParameterRow gradients) {
        TailSettings settings = tail.settings();
        this.features = features;
        this.dense = parameters.layout().dense();
        ComputationGraphConfiguration own = settings.configuration(configuration);
        Graphs.setUpdater(own, name -> settings.optimizer().updater());
        graph = new ComputationGraph(own);
        graph.init(parameters.all(), false);
        graph.setBackpropGradientsViewArray(gradients.all());
        Gradient all = new DefaultGradient(gradients.all());
        gradients
                .layout()
                .tables(gradients.all(), true)
                .forEach((layer, views) -> views.forEach((name, view) -> all.setGradientFor(layer + "_" + name, view)));
        graph.setGradient(all);
        graph.setUpdater(new Updater(graph, tail));
        graph.addListeners(settings.listeners().toArray(TrainingListener[]::new));
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
