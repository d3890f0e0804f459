package org.transfer4j.internal.dl4j;

import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import org.transfer4j.internal.network.Network;

/** A vertex of DL4J of which the ops do not say all: settings of its training, or what DL4J alone computes. */
public record Dl4jOrigin(GraphVertex vertex) implements Network.Origin {
    /**
     * Settings that say nothing of what a layer computes once it has its parameters, or that were read: padding in another
     * notation, activations, what is pooled.
     */
    private static final Set<String> NO_MATTER = Set.of(
            "layerName",
            "iupdater",
            "biasUpdater",
            "weightInitFn",
            "biasInit",
            "gainInit",
            "activationFn",
            "convolutionMode",
            "padding",
            "poolingDimensions",
            "cudnnAlgoMode",
            "cudnnFwdAlgo",
            "cudnnBwdDataAlgo",
            "cudnnBwdFilterAlgo",
            "cudnnAllowFallback");

    /** Whether a vertex that was written of the ops stands for the one of which they were read. */
    static boolean isSaid(GraphVertex read, Optional<GraphVertex> written) {
        return written.isPresent() && settings(read).equals(settings(written.get()));
    }

    private static JsonNode settings(GraphVertex vertex) {
        ObjectNode settings = JsonMappers.getMapper().valueToTree(vertex);
        if (vertex instanceof LayerVertex layer) {
            // of the others, such as the seed, none is the layer's
            ObjectNode own =
                    JsonMappers.getMapper().valueToTree(layer.getLayerConf().getLayer());
            NO_MATTER.forEach(own::remove);
            settings.set("layerConf", own);
        }
        return settings;
    }

    @Override
    public long parameterCount() {
        return vertex.numParams(true);
    }

    @Override
    public String description() {
        return settings(vertex).toString();
    }
}
