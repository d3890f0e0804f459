package org.transfer4j.internal.tail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * The fully connected layers at the top of a graph, with dropout between them, up to a softmax layer with categorical
 * cross-entropy or a sigmoid layer with binary cross-entropy. What has any property that is not known here belongs to what
 * is below, or is no such chain: DL4J trains it.
 */
final class DenseChain {
    private final ComputationGraphConfiguration graph;
    private final List<DenseLayerShape> layers = new ArrayList<>();
    private final Set<String> vertices = new LinkedHashSet<>();
    private final String features;
    private double retained = 1;

    private DenseChain(ComputationGraphConfiguration graph) {
        this.graph = graph;
        String output = graph.getNetworkOutputs().get(0);
        Deque<String> downwards = new ArrayDeque<>();
        String last = output;
        List<String> inputs = inputs(last);
        while (inputs.size() == 1 && isPart(last, last.equals(output))) {
            downwards.push(last);
            last = inputs.get(0);
            inputs = inputs(last);
        }
        features = last;
        vertices.addAll(downwards);
    }

    /** The layers above a vertex or the input, up to the output; empty if the output is none of them. */
    static Optional<DenseChain> of(ComputationGraphConfiguration graph) {
        if (graph.getNetworkInputs().size() != 1 || graph.getNetworkOutputs().size() != 1) {
            return Optional.empty();
        }
        DenseChain chain = new DenseChain(graph);
        boolean known = chain.vertices.stream().allMatch(chain::add);
        return known && !chain.layers.isEmpty() && chain.fitTogether() ? Optional.of(chain) : Optional.empty();
    }

    /** From the features to the output. */
    List<DenseLayerShape> layers() {
        return List.copyOf(layers);
    }

    /** The vertices that they are in the graph. */
    Set<String> vertices() {
        return vertices;
    }

    /** The vertex or input that the first of them reads. */
    String features() {
        return features;
    }

    /** Whether there is nothing below. */
    boolean isWhole() {
        return graph.getNetworkInputs().contains(features);
    }

    private List<String> inputs(String vertex) {
        return graph.getVertexInputs().getOrDefault(vertex, List.of());
    }

    private boolean isPart(String name, boolean isOutput) {
        GraphVertex vertex = graph.getVertices().get(name);
        if (vertex instanceof PreprocessorVertex preprocessor) {
            return flattens(preprocessor.getPreProcessor());
        }
        if (!(vertex instanceof LayerVertex layerVertex)
                || (layerVertex.getPreProcessor() != null && !flattens(layerVertex.getPreProcessor()))) {
            return false;
        }
        Layer layer = layerVertex.getLayerConf().getLayer();
        return isOutput
                ? layer.getClass() == OutputLayer.class
                : layer.getClass() == DropoutLayer.class || layer.getClass() == DenseLayer.class;
    }

    /** Moves nothing, since features are channels first. */
    private static boolean flattens(InputPreProcessor preprocessor) {
        return preprocessor instanceof CnnToFeedForwardPreProcessor flatten && flatten.getFormat() == CNN2DFormat.NCHW;
    }

    private boolean add(String name) {
        if (!(graph.getVertices().get(name) instanceof LayerVertex vertex)) {
            return true;
        }
        Layer layer = vertex.getLayerConf().getLayer();
        if (!addDropout(layer.getIDropout())) {
            return false;
        }
        if (layer.getClass() == DropoutLayer.class) {
            return true;
        }
        return layer.getClass() == OutputLayer.class ? addOutput(name, layer) : addHidden(name, layer);
    }

    private boolean addDropout(@Nullable IDropout dropout) {
        if (dropout == null) {
            return true;
        }
        boolean simple = dropout.getClass() == Dropout.class && ((Dropout) dropout).getPSchedule() == null;
        if (!simple || retained < 1) {
            return false;
        }
        double kept = ((Dropout) dropout).getP();
        // DL4J takes 0 for no dropout
        retained = kept == 0 ? 1 : kept;
        return retained > 0 && retained <= 1;
    }

    private boolean addHidden(String name, Layer layer) {
        DenseLayer dense = (DenseLayer) layer;
        boolean rectified = isRectifier(dense.getActivationFn());
        boolean known = rectified || dense.getActivationFn().getClass() == ActivationIdentity.class;
        return known && dense.hasBias() && !dense.hasLayerNorm() && add(name, dense, rectified);
    }

    private boolean addOutput(String name, Layer layer) {
        OutputLayer output = (OutputLayer) layer;
        return output.hasBias() && isKnown(output.getActivationFn(), output.getLossFn()) && add(name, output, false);
    }

    private boolean add(String name, FeedForwardLayer layer, boolean rectified) {
        if (layer.getNIn() < 1 || layer.getNIn() > Integer.MAX_VALUE || layer.getNOut() > Integer.MAX_VALUE) {
            return false;
        }
        layers.add(new DenseLayerShape(name, (int) layer.getNIn(), (int) layer.getNOut(), rectified, retained));
        retained = 1;
        return true;
    }

    private boolean fitTogether() {
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i).inputs() != layers.get(i - 1).outputs()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKnown(IActivation activation, ILossFunction loss) {
        if (activation.getClass() == ActivationSigmoid.class) {
            return loss.getClass() == LossBinaryXENT.class && ((LossBinaryXENT) loss).getWeights() == null;
        }
        return activation.getClass() == ActivationSoftmax.class
                && loss.getClass() == LossMCXENT.class
                && ((LossMCXENT) loss).getWeights() == null
                && ((LossMCXENT) loss).getSoftmaxClipEps() == SoftmaxCrossEntropy.SMALLEST;
    }

    private static boolean isRectifier(IActivation activation) {
        return activation.getClass() == ActivationReLU.class
                && ((ActivationReLU) activation).getMax() == null
                && isZero(((ActivationReLU) activation).getThreshold())
                && isZero(((ActivationReLU) activation).getNegativeSlope());
    }

    private static boolean isZero(@Nullable Double value) {
        return value == null || value == 0;
    }
}
