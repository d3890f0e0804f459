package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * Reads a graph that is a chain of fully connected layers, with dropout between them, up to a softmax layer with
 * categorical cross-entropy or a sigmoid layer with binary cross-entropy. What has any property that is not known here is no such chain: DL4J trains it.
 */
final class DenseChain {
    private final ComputationGraphConfiguration graph;
    private final List<DenseLayerShape> layers = new ArrayList<>();
    private double retained = 1;

    private DenseChain(ComputationGraphConfiguration graph) {
        this.graph = graph;
    }

    /** The layers from the features to the output layer, or nothing where the graph is not such a chain. */
    static Optional<List<DenseLayerShape>> of(ComputationGraphConfiguration graph) {
        return new DenseChain(graph).read();
    }

    private Optional<List<DenseLayerShape>> read() {
        if (graph.getNetworkInputs().size() != 1 || graph.getNetworkOutputs().size() != 1) {
            return Optional.empty();
        }
        String output = graph.getNetworkOutputs().get(0);
        String last = graph.getNetworkInputs().get(0);
        for (int i = 0; i < graph.getVertices().size(); i++) {
            String next = follower(last);
            if (next == null || !add(next, next.equals(output))) {
                return Optional.empty();
            }
            last = next;
        }
        return last.equals(output) && fitTogether() ? Optional.of(List.copyOf(layers)) : Optional.empty();
    }

    private @Nullable String follower(String vertex) {
        List<String> followers = graph.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().equals(List.of(vertex)))
                .map(Map.Entry::getKey)
                .toList();
        return followers.size() == 1 ? followers.get(0) : null;
    }

    private boolean add(String name, boolean isOutput) {
        GraphVertex vertex = graph.getVertices().get(name);
        if (!(vertex instanceof LayerVertex layerVertex) || layerVertex.getPreProcessor() != null) {
            return false;
        }
        NeuralNetConfiguration configuration = layerVertex.getLayerConf();
        Layer layer = configuration.getLayer();
        if (configuration.getDataType() != DataType.FLOAT
                || !configuration.isMiniBatch()
                || !configuration.isMinimize()
                || !isEmpty(layer.getConstraints())
                || !addDropout(layer.getIDropout())) {
            return false;
        }
        if (layer.getClass() == DropoutLayer.class) {
            return !isOutput;
        }
        return isOutput ? addOutput(name, layer) : addHidden(name, layer);
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
        if (layer.getClass() != DenseLayer.class || !isPlain((DenseLayer) layer)) {
            return false;
        }
        DenseLayer dense = (DenseLayer) layer;
        boolean rectified = isRectifier(dense.getActivationFn());
        boolean known = rectified || dense.getActivationFn().getClass() == ActivationIdentity.class;
        return known && dense.hasBias() && !dense.hasLayerNorm() && add(name, dense, rectified);
    }

    private boolean addOutput(String name, Layer layer) {
        if (layer.getClass() != OutputLayer.class || !isPlain((OutputLayer) layer)) {
            return false;
        }
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

    private static boolean isPlain(BaseLayer layer) {
        GradientNormalization normalization = layer.getGradientNormalization();
        return isEmpty(layer.getRegularization())
                && isEmpty(layer.getRegularizationBias())
                && layer.getWeightNoise() == null
                && (normalization == null || normalization == GradientNormalization.None);
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

    private static boolean isEmpty(@Nullable Collection<?> collection) {
        return collection == null || collection.isEmpty();
    }
}
