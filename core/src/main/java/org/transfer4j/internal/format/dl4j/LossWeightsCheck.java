package org.transfer4j.internal.format.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.json.Json;

/**
 * Checks the one array that the JSON of a network can hold: a loss function's weight for each class, as ND4J's
 * NDArrayTextSerializer writes it. ND4J itself would take any shape for any number of values.
 */
final class LossWeightsCheck {
    private static final Set<String> TYPES = Set.of("FLOAT", "DOUBLE");

    private LossWeightsCheck() {}

    static void check(JsonNode array) throws MalformedModelException {
        JsonNode data = array.isArray() ? array : array.path("data");
        if (!data.isArray() || !isNumbers(data) || (array.isObject() && !fits(array, data.size()))) {
            throw new MalformedModelException(TopologyReader.NAME
                    + ": the weights of a loss function must be one list of numbers with a fitting shape, but are "
                    + Json.shown(array));
        }
    }

    private static boolean fits(JsonNode array, int count) {
        JsonNode shape = array.path("shape");
        boolean vector = shape.isArray() && (shape.size() == 1 || (shape.size() == 2 && isNumber(shape.get(0), 1)));
        return vector
                && isNumber(shape.get(shape.size() - 1), count)
                && TYPES.contains(array.path("dataType").asText());
    }

    private static boolean isNumber(JsonNode node, int value) {
        return node.isInt() && node.intValue() == value;
    }

    private static boolean isNumbers(JsonNode data) {
        for (JsonNode element : data) {
            if (!element.isNumber()) {
                return false;
            }
        }
        return !data.isEmpty();
    }
}
