package org.transfer4j.internal.format.dl4j;

import static org.transfer4j.internal.format.dl4j.Dl4jZip.CONFIGURATION;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;

/** DL4J's JSON of a network, as far as it tells which parameters there are, and in which order. */
final class Dl4jConfiguration {
    private static final String ORDER = "topologicalOrderStr";
    private static final String LAYERS = "confs";

    private Dl4jConfiguration() {}

    /** The layers of a ComputationGraph or a MultiLayerNetwork in the order of their parameters. */
    static List<Dl4jLayer> layers(JsonNode root) throws MalformedModelException {
        List<Dl4jLayer> layers = new ArrayList<>();
        if (root.path(LAYERS).isArray()) {
            for (JsonNode layer : root.path(LAYERS)) {
                JsonNode name = unwrapped(layer).path("layerName");
                layers.add(layer(name.isTextual() ? name.textValue() : "layer" + layers.size(), layer));
            }
        } else {
            for (String vertex : order(root)) {
                JsonNode layer = root.path("vertices").path(vertex).path("layerConf");
                if (layer.isObject()) {
                    layers.add(layer(vertex, layer));
                }
            }
        }
        return layers;
    }

    private static List<String> order(JsonNode root) throws MalformedModelException {
        if (!root.path("vertices").isObject()) {
            throw new MalformedModelException(
                    CONFIGURATION + " is no network of DL4J: it has neither vertices nor " + LAYERS);
        }
        if (!root.path(ORDER).isArray()) {
            throw new MalformedModelException(CONFIGURATION + " has no " + ORDER
                    + ", without which the order of the parameters is not known; load the network with DL4J"
                    + " 1.0.0-M2.1 and save it again");
        }
        List<String> order = StrictJson.texts(CONFIGURATION, root, ORDER);
        Set<String> vertices = new HashSet<>();
        for (String vertex : order) {
            if (!vertices.add(vertex)) {
                throw new MalformedModelException(CONFIGURATION + ": " + ORDER + " has " + vertex + " twice");
            }
        }
        return order;
    }

    private static Dl4jLayer layer(String name, JsonNode conf) throws MalformedModelException {
        JsonNode layer = unwrapped(conf);
        return Dl4jLayer.of(
                name, className(layer), layer, !conf.path("variables").isEmpty());
    }

    private static JsonNode unwrapped(JsonNode conf) {
        JsonNode layer = conf.path("layer");
        while (isWrapper(className(layer))) {
            layer = layer.path("layer").isObject() ? layer.path("layer") : layer.path("underlying");
        }
        return layer;
    }

    private static boolean isWrapper(String className) {
        return className.equals("FrozenLayer") || className.equals("FrozenLayerWithBackprop");
    }

    /** The class' name without its package; empty where there is none. */
    private static String className(JsonNode layer) {
        String name = layer.path("@class").asText();
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
