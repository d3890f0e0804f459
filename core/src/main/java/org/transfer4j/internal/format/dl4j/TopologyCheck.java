package org.transfer4j.internal.format.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.json.Json;

/**
 * Goes through DL4J's JSON of a network before DL4J sees it. DL4J M2.1 takes class names from the properties
 * {@code @class} (layers, vertices, preprocessors, activations, losses, updaters, schedules, dropout, constraints,
 * weight starts) and {@code type} (distributions, also in the old form {@code "dist"}), and loading a class runs its
 * static initializer. So:
 *
 * <ul>
 *   <li>the value of a property {@code @class} or {@code type} is a name in {@link TopologyTypes}, wherever it stands;
 *   <li>any other text is a plain word, except in the places where names of layers stand, which are never taken for
 *       anything else;
 *   <li>a property's name is a plain word, except for those that are names of layers. Here the oldest JSON of DL4J has
 *       types, but only from a fixed list of words.
 * </ul>
 */
public final class TopologyCheck {
    private static final String NAME = Dl4jJson.NAME;
    private static final Set<String> TYPE_PROPERTIES = Set.of("@class", "type");
    private static final String LAYER_NAME = "layerName";

    /** The layers of a MultiLayerConfiguration. */
    private static final String ROW = "confs";

    /** Names of a layer's parameters; in a frozen layer they start with the layer's name. */
    private static final String PARAMETERS = "variables";

    private static final Set<String> MAPS_BY_LAYER = Set.of("vertices", "vertexInputs");
    private static final Set<String> LISTS_OF_LAYERS = Set.of("networkInputs", "networkOutputs", "topologicalOrderStr");
    /** Types of the weights of a loss function. */
    private static final Set<String> LOSS_WEIGHTS = Set.of("FLOAT", "DOUBLE");

    private static final Pattern WORD = Pattern.compile("[-\\w]*");

    private TopologyCheck() {}

    /** Checks the root of a ComputationGraphConfiguration. */
    public static void check(JsonNode root) throws MalformedModelException {
        if (!root.isObject()) {
            throw new MalformedModelException(NAME + ": a network must be a JSON object, but is " + Json.shown(root));
        }
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            String name = property.getKey();
            JsonNode value = property.getValue();
            if (MAPS_BY_LAYER.contains(name) && value.isObject()) {
                for (Map.Entry<String, JsonNode> layer : value.properties()) {
                    checkLayer(name, layer.getKey(), layer.getValue());
                }
            } else if (name.equals(ROW) && value.isArray()) {
                int number = 0;
                for (JsonNode layer : value) {
                    String own = layer.path("layer").path(LAYER_NAME).textValue();
                    checkLayer(name, own == null ? "layer" + number : own, layer);
                    number++;
                }
            } else if (!LISTS_OF_LAYERS.contains(name) || !isListOfTexts(value)) {
                checkProperty(name, value);
            }
        }
    }

    /** Checks a vertex. */
    public static void checkVertex(JsonNode vertex) throws MalformedModelException {
        if (!vertex.isObject()) {
            throw new MalformedModelException("a vertex must be a JSON object, but is " + Json.shown(vertex));
        }
        checkValue("a vertex", vertex);
    }

    private static void checkLayer(String map, String layer, JsonNode value) throws MalformedModelException {
        if (map.equals("vertexInputs") && isListOfTexts(value)) {
            return;
        }
        try {
            checkValue(map, value);
        } catch (MalformedModelException e) {
            throw new MalformedModelException(
                    e.reason() + " (in the layer " + Json.shown(TextNode.valueOf(layer)) + ")", e);
        }
    }

    private static boolean isListOfTexts(JsonNode value) {
        return value.isArray() && all(value, JsonNode::isTextual);
    }

    /** Jackson has a stream of them since 2.19, and clusters older ones. */
    private static boolean all(JsonNode list, Predicate<JsonNode> right) {
        return StreamSupport.stream(list.spliterator(), false).allMatch(right);
    }

    private static void checkProperty(String name, JsonNode value) throws MalformedModelException {
        if (TYPE_PROPERTIES.contains(name)) {
            if (!value.isTextual() || !TopologyTypes.contains(value.textValue())) {
                throw refused(name, Json.shown(value));
            }
            return;
        }
        if (!WORD.matcher(name).matches()) {
            throw refused("a property's name", Json.shown(TextNode.valueOf(name)));
        }
        if (name.equals("weights") && !value.isNull()) {
            checkLossWeights(value);
        }
        boolean named =
                (name.equals(LAYER_NAME) && value.isTextual()) || (name.equals(PARAMETERS) && isListOfTexts(value));
        if (!named) {
            checkValue(name, value);
        }
    }

    /**
     * Checks the one array that the JSON of a network can hold: a loss function's weight for each class, as ND4J's
     * NDArrayTextSerializer writes it. ND4J itself would take any shape for any number of values.
     */
    private static void checkLossWeights(JsonNode array) throws MalformedModelException {
        JsonNode data = array.isArray() ? array : array.path("data");
        boolean numbers = data.isArray() && !data.isEmpty() && all(data, JsonNode::isNumber);
        if (!numbers || (array.isObject() && !fits(array, data.size()))) {
            throw new MalformedModelException(
                    NAME + ": the weights of a loss function must be one list of numbers with a fitting shape, but are "
                            + Json.shown(array));
        }
    }

    private static boolean fits(JsonNode array, int count) {
        JsonNode shape = array.path("shape");
        boolean vector = shape.isArray() && (shape.size() == 1 || (shape.size() == 2 && isNumber(shape.get(0), 1)));
        return vector
                && isNumber(shape.get(shape.size() - 1), count)
                && LOSS_WEIGHTS.contains(array.path("dataType").asText());
    }

    private static boolean isNumber(JsonNode node, int value) {
        return node.isInt() && node.intValue() == value;
    }

    private static void checkValue(String place, JsonNode value) throws MalformedModelException {
        if (value.isTextual()
                && !WORD.matcher(value.textValue()).matches()
                && !TopologyTypes.contains(value.textValue())) {
            throw refused(place, Json.shown(value));
        }
        if (value.isArray()) {
            for (JsonNode element : value) {
                checkValue(place, element);
            }
        }
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            checkProperty(property.getKey(), property.getValue());
        }
    }

    private static MalformedModelException refused(String place, String text) {
        return new MalformedModelException(NAME + ": " + place + " is " + text
                + ", which model files may not name. Layers and other parts of a network must be of the classes that"
                + " Transfer4J knows; nothing was loaded");
    }
}
