package org.transfer4j.internal.network;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.head.Head;
import org.transfer4j.head.HeadLayer;

/** Puts a head on a backbone: one graph, images in, probabilities out. */
final class GraphAssembler {
    /** The output layer's name, as in Keras' own networks. */
    static final String OUTPUT = "predictions";

    private final ComputationGraphConfiguration.GraphBuilder graph;
    private final Set<String> names = new HashSet<>();
    private final List<String> headVertices = new ArrayList<>();
    private String last;

    private GraphAssembler(ComputationGraphConfiguration backbone, IUpdater updater) {
        graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .updater(updater)
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .graphBuilder()
                .addInputs(backbone.getNetworkInputs());
        Subgraph.copyVertices(backbone, backbone.getVertices().keySet(), graph);
        names.addAll(backbone.getVertices().keySet());
        last = backbone.getNetworkOutputs().get(0);
    }

    /** The whole graph, and the head's vertices in order. */
    record Assembled(ComputationGraphConfiguration graph, List<String> headVertices) {}

    static Assembled assemble(
            ComputationGraphConfiguration backbone, InputType input, Head head, int classes, IUpdater updater) {
        InputType.InputTypeConvolutional features = convolutional(Vertices.outputType(
                backbone, input, backbone.getNetworkOutputs().get(0)));
        GraphAssembler assembler = new GraphAssembler(backbone, updater);
        for (HeadLayer layer : head.layers()) {
            assembler.add(layer, features);
        }
        assembler.addOutput(classes, head.isMultiLabel());
        return new Assembled(
                assembler.graph.setInputTypes(input).setOutputs(OUTPUT).build(), List.copyOf(assembler.headVertices));
    }

    private void add(HeadLayer layer, InputType.InputTypeConvolutional features) {
        if (layer instanceof HeadLayer.Flatten) {
            String name = unusedName("flatten");
            graph.addVertex(
                    name,
                    new PreprocessorVertex(new CnnToFeedForwardPreProcessor(
                            features.getHeight(), features.getWidth(), features.getChannels())),
                    last);
            added(name);
        } else if (layer instanceof HeadLayer.GlobalAveragePooling) {
            String name = unusedName("global_average_pooling");
            graph.addLayer(name, new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last);
            added(name);
        } else if (layer instanceof HeadLayer.Dense dense) {
            String name = unusedName("dense");
            graph.addLayer(
                    name,
                    new DenseLayer.Builder()
                            .nOut(dense.units())
                            .activation(Activation.RELU)
                            .weightInit(WeightInit.RELU_UNIFORM)
                            .build(),
                    last);
            added(name);
        } else if (layer instanceof HeadLayer.Dropout dropout) {
            String name = unusedName("dropout");
            // DL4J counts what is kept, Keras and we what is dropped
            graph.addLayer(name, new DropoutLayer.Builder(1 - dropout.rate()).build(), last);
            added(name);
        }
    }

    private void addOutput(int classes, boolean multiLabel) {
        if (names.contains(OUTPUT)) {
            throw new IllegalArgumentException("a backbone must not have a layer named " + OUTPUT);
        }
        graph.addLayer(
                OUTPUT,
                new OutputLayer.Builder(
                                multiLabel ? LossFunctions.LossFunction.XENT : LossFunctions.LossFunction.MCXENT)
                        .nOut(classes)
                        .activation(multiLabel ? Activation.SIGMOID : Activation.SOFTMAX)
                        .weightInit(WeightInit.XAVIER_UNIFORM)
                        .build(),
                last);
        added(OUTPUT);
    }

    private void added(String name) {
        names.add(name);
        headVertices.add(name);
        last = name;
    }

    private String unusedName(String name) {
        String candidate = name;
        for (int i = 1; names.contains(candidate); i++) {
            candidate = name + "_" + i;
        }
        return candidate;
    }

    private static InputType.InputTypeConvolutional convolutional(InputType features) {
        if (!(features instanceof InputType.InputTypeConvolutional convolutional)) {
            throw new IllegalArgumentException("a backbone's features must be [N, C, H, W], got " + features);
        }
        return convolutional;
    }
}
