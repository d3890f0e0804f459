package org.transfer4j.internal.network;

import java.util.ArrayDeque;
import java.util.Deque;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.transfer4j.head.Head;

/** Finds in a whole network what {@link GraphAssembler} put together: the backbone's last vertex, and the head on it. */
final class AssembledHead {
    private final String backboneOutput;
    private final Head head;

    private AssembledHead(String backboneOutput, Head head) {
        this.backboneOutput = backboneOutput;
        this.head = head;
    }

    /** Reads from the output down to the flattening or pooling with which every head begins. */
    static AssembledHead of(ComputationGraphConfiguration graph) {
        Deque<Layer> layers = new ArrayDeque<>();
        String name = below(graph, GraphAssembler.OUTPUT);
        while (true) {
            GraphVertex vertex = Vertices.vertex(graph, name);
            if (vertex instanceof PreprocessorVertex) {
                return new AssembledHead(below(graph, name), with(outputs(graph, Head.flatten()), layers));
            }
            Layer layer = ((LayerVertex) vertex).getLayerConf().getLayer();
            if (layer instanceof GlobalPoolingLayer) {
                return new AssembledHead(below(graph, name), with(outputs(graph, Head.globalAveragePooling()), layers));
            }
            layers.push(layer);
            name = below(graph, name);
        }
    }

    private static String below(ComputationGraphConfiguration graph, String name) {
        return Vertices.inputs(graph, name).get(0);
    }

    private static Head outputs(ComputationGraphConfiguration graph, Head head) {
        return isMultiLabel(graph) ? head.multiLabel() : head;
    }

    static boolean isMultiLabel(ComputationGraphConfiguration graph) {
        return endsIn(graph, ActivationSigmoid.class);
    }

    static boolean givesProbabilities(ComputationGraphConfiguration graph) {
        return isMultiLabel(graph) || endsIn(graph, ActivationSoftmax.class);
    }

    private static boolean endsIn(ComputationGraphConfiguration graph, Class<? extends IActivation> function) {
        return Vertices.vertex(graph, GraphAssembler.OUTPUT) instanceof LayerVertex vertex
                && vertex.getLayerConf().getLayer() instanceof OutputLayer layer
                && function.isInstance(layer.getActivationFn());
    }

    private static Head with(Head start, Iterable<Layer> layers) {
        Head head = start;
        for (Layer layer : layers) {
            if (layer instanceof DenseLayer dense) {
                head = head.dense(Math.toIntExact(dense.getNOut()));
            } else if (layer instanceof DropoutLayer dropping && dropping.getIDropout() instanceof Dropout dropout) {
                head = head.dropout(dropped(dropout.getP()));
            } else {
                throw new IllegalArgumentException("a head has dense and dropout layers, got " + layer);
            }
        }
        return head;
    }

    /** DL4J counts what is kept. Rounded, because 1 - (1 - 0.3) is not 0.3. */
    private static double dropped(double kept) {
        return Math.round((1 - kept) * 1e9) / 1e9;
    }

    String backboneOutput() {
        return backboneOutput;
    }

    Head head() {
        return head;
    }
}
