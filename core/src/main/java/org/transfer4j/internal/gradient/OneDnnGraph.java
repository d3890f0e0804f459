package org.transfer4j.internal.gradient;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onednn.OneDnn;

/**
 * A graph of DL4J whose convolutional part is computed by oneDNN, in training and for {@link #outputSingle}. All else is
 * DL4J's: parameters, updater, head, loss, listeners (which see activations of the head alone). Where oneDNN or some
 * setting of a layer stands in the way, it is DL4J's graph and nothing else; once a step is under way, an error is an
 * error.
 */
@SuppressWarnings("serial")
public final class OneDnnGraph extends ComputationGraph implements AutoCloseable {
    private final transient Precision precision;
    private transient @Nullable BodyRunner runner;
    private transient @Nullable Shape read;
    private transient @Nullable INDArray stepLabels;

    /** Wraps a configuration, to be initialised by the caller. */
    public OneDnnGraph(ComputationGraphConfiguration configuration, Precision precision) {
        super(configuration);
        this.precision = precision;
    }

    /** The vertices that oneDNN computes, none before the first step. */
    Set<String> verticesOnOneDnn() {
        return runner == null ? Set.of() : runner.body().vertices();
    }

    // DL4J keeps them where a subclass does not see them
    @Override
    public void setLabels(INDArray @Nullable ... labels) {
        super.setLabels(labels);
        stepLabels = labels != null && labels.length == 1 ? labels[0] : null;
    }

    @Override
    public void computeGradientAndScore(LayerWorkspaceMgr workspaces) {
        computeGradientAndScore();
    }

    @Override
    public void computeGradientAndScore() {
        Optional<BodyRunner> ready = ready(true, getInputs());
        if (ready.isEmpty() || getLabelMaskArrays() != null || getInputMaskArrays() != null) {
            super.computeGradientAndScore();
            return;
        }
        synchronizeIterEpochCounts();
        BodyRunner body = ready.get();
        Map<String, INDArray> activations = head(true, body.forward(getInputs()[0], true), body.body());
        for (TrainingListener listener : getListeners()) {
            listener.onForwardPass(this, activations);
        }
        body.backward(headGradient(body.body()));
        collectGradients();
        IOutputLayer output = outputLayer();
        score = output.computeScore(calcRegularizationScore(true), true, LayerWorkspaceMgr.noWorkspaces());
        for (TrainingListener listener : getListeners()) {
            listener.onBackwardPass(this);
        }
        for (GraphVertex vertex : vertices) {
            vertex.clear();
        }
    }

    @Override
    public INDArray outputSingle(boolean train, INDArray... input) {
        Optional<BodyRunner> ready = train ? Optional.empty() : ready(false, input);
        if (ready.isEmpty()) {
            return super.outputSingle(train, input);
        }
        BodyRunner body = ready.get();
        // a head's preprocessor asks the graph for the size of the batch
        setInputs(input.clone());
        head(false, body.forward(input[0], false), body.body());
        LayerVertex last = outputVertex();
        INDArray result = last.doForward(false, LayerWorkspaceMgr.noWorkspaces());
        Arrays.fill(getInputs(), null);
        for (GraphVertex vertex : vertices) {
            vertex.clear();
        }
        return result;
    }

    /** The runner, prepared for these inputs; empty where DL4J has to compute. */
    private Optional<BodyRunner> ready(boolean training, INDArray... inputs) {
        if (inputs.length != 1 || inputs[0].rank() != 4) {
            return Optional.empty();
        }
        long[] shape = inputs[0].shape();
        Shape images = Shape.of(shape[1], shape[2], shape[3]);
        if (!images.equals(read)) {
            closeRunner();
            runner = OneDnn.available() && MainMemory.holdsArrays() ? runner(images) : null;
            read = images;
        }
        return runner != null && runner.prepare(shape, training) ? Optional.of(runner) : Optional.empty();
    }

    private @Nullable BodyRunner runner(Shape images) {
        if (flattenedGradients == null) {
            initGradientsView();
        }
        return BodyReader.read(this, images)
                .map(body -> new BodyRunner(body, precision))
                .orElse(null);
    }

    /** Runs the vertices above the body, but for the output layer, which only gets its input. */
    private Map<String, INDArray> head(boolean training, INDArray features, Body body) {
        LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
        Map<String, INDArray> activations = new LinkedHashMap<>();
        for (int index : topologicalOrder) {
            GraphVertex vertex = vertices[index];
            if (vertex.isInputVertex() || isInner(vertex, body)) {
                continue;
            }
            if (isLast(vertex, body)) {
                hand(vertex, features, workspaces);
                activations.put(vertex.getVertexName(), features);
            } else if (!vertex.isOutputVertex()) {
                INDArray output = vertex.doForward(training, workspaces);
                hand(vertex, output, workspaces);
                activations.put(vertex.getVertexName(), output);
            }
        }
        return activations;
    }

    private static boolean isInner(GraphVertex vertex, Body body) {
        return body.vertices().contains(vertex.getVertexName()) && !isLast(vertex, body);
    }

    private static boolean isLast(GraphVertex vertex, Body body) {
        return vertex.getVertexName().equals(body.last());
    }

    private void hand(GraphVertex from, INDArray output, LayerWorkspaceMgr workspaces) {
        for (VertexIndices reader : from.getOutputVertices()) {
            vertices[reader.getVertexIndex()].setInput(reader.getVertexEdgeNumber(), output, workspaces);
        }
    }

    /** Runs the head's backward pass, which leaves its parameters' gradients where they belong. */
    private INDArray headGradient(Body body) {
        LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
        outputLayer().setLabels(labels());
        Map<Integer, INDArray> gradients = new LinkedHashMap<>();
        for (int i = topologicalOrder.length - 1; i >= 0; i--) {
            GraphVertex vertex = vertices[topologicalOrder[i]];
            INDArray gradient = gradients.get(vertex.getVertexIndex());
            if (gradient != null && isLast(vertex, body)) {
                return gradient;
            }
            if (gradient != null) {
                vertex.setEpsilon(gradient);
            }
            Pair<Gradient, INDArray[]> pair = vertex.doBackward(false, workspaces);
            VertexIndices[] inputs = vertex.getInputVertices();
            for (int j = 0; j < inputs.length; j++) {
                INDArray inputGradient = pair.getSecond()[j];
                gradients.merge(inputs[j].getVertexIndex(), inputGradient, INDArray::add);
            }
        }
        throw new IllegalStateException("the head gives no gradient for " + body.last());
    }

    private INDArray labels() {
        INDArray known = stepLabels;
        if (known == null) {
            throw new IllegalStateException("a gradient needs the labels of one output");
        }
        return known;
    }

    private LayerVertex outputVertex() {
        String name = getConfiguration().getNetworkOutputs().get(0);
        if (verticesMap.get(name) instanceof LayerVertex vertex) {
            return vertex;
        }
        throw new IllegalStateException("the graph's output " + name + " is no layer");
    }

    private IOutputLayer outputLayer() {
        return (IOutputLayer) outputVertex().getLayer();
    }

    /** What the updater reads: the flat array, and its views by layer and name. */
    private void collectGradients() {
        Gradient all = new DefaultGradient(flattenedGradients);
        for (Layer layer : layers) {
            if (layer.numParams() > 0) {
                String name = layer.conf().getLayer().getLayerName();
                ParameterViews.of(layer)
                        .gradients()
                        .forEach((parameter, view) -> all.setGradientFor(name + "_" + parameter, view));
            }
        }
        gradient = all;
    }

    private void closeRunner() {
        if (runner != null) {
            runner.close();
            runner = null;
        }
    }

    @Override
    public void close() {
        closeRunner();
        super.close();
    }
}
