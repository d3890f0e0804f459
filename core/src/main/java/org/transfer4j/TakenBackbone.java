package org.transfer4j;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.BackboneSource;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jModelFile;
import org.transfer4j.internal.dl4j.ImportedGraph;
import org.transfer4j.internal.dl4j.SourceNetwork;
import org.transfer4j.internal.keras.KerasModel;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A backbone as a learner takes it: where it was given by a network, that is read here, and a description made of it.
 *
 * @param backbone a description
 * @param weights what came with the network, null for a description without
 */
record TakenBackbone(Backbone backbone, @Nullable OwnWeights weights) {
    static TakenBackbone of(Backbone backbone) {
        BackboneSource source = backbone.source().orElse(null);
        if (source == null) {
            return new TakenBackbone(backbone, null);
        }
        FirstUse.ND4J.start();
        Optional<String> upTo = backbone.lastLayer();
        if (source instanceof BackboneSource.KerasModel keras) {
            return keras(keras, upTo);
        }
        return dl4j(backbone.name(), ImportedGraph.of(network(backbone.name(), source), upTo));
    }

    private static SourceNetwork network(String name, BackboneSource source) {
        if (source instanceof BackboneSource.Dl4jModel model) {
            return Dl4jModelFile.read(model.file());
        }
        if (source instanceof BackboneSource.Dl4jGraph graph) {
            return new SourceNetwork(name, graph.configuration(), graph.parameters());
        }
        BackboneSource.Dl4jLayers layers = (BackboneSource.Dl4jLayers) source;
        return SourceNetwork.of(name, layers.configuration(), layers.parameters());
    }

    private static TakenBackbone dl4j(String name, ImportedGraph graph) {
        Backbone whole = Backbone.builder(name, graph::configure)
                .inputSize(graph.height(), graph.width())
                .minimumSize(graph.minimumSize())
                .preprocessing(ImagePreprocessing.none())
                .defaultHead(head(graph.averaged(), graph.configure(graph.height(), graph.width())))
                .build();
        return new TakenBackbone(whole, graph::weights);
    }

    private static TakenBackbone keras(BackboneSource.KerasModel source, Optional<String> upTo) {
        KerasModel model = KerasModel.read(source.file(), upTo);
        Backbone whole = Backbone.builder(model.name(), model::configure)
                .inputSize(model.height(), model.width())
                .minimumSize(model.minimumSize())
                .preprocessing(model.preprocessing())
                .defaultHead(head(model.averaged(), model.configure(model.height(), model.width())))
                .build();
        return new TakenBackbone(whole, model::weights);
    }

    /**
     * What the network's own top does; of a network without one, what those of its family do: networks with branches or
     * batch normalization average their last images, a plain row of convolutions, as VGG is, flattens them.
     */
    private static Head head(Optional<Boolean> averaged, ComputationGraphConfiguration features) {
        boolean average = averaged.orElseGet(() ->
                features.getVertexInputs().values().stream().anyMatch(inputs -> inputs.size() > 1)
                        || features.getVertices().values().stream()
                                .anyMatch(vertex -> vertex instanceof LayerVertex layer
                                        && layer.getLayerConf().getLayer() instanceof BatchNormalization));
        return average ? Head.globalAveragePooling() : Head.flatten();
    }
}
