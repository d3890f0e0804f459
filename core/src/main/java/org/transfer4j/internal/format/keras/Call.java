package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One use of a layer, {@code inbound_nodes} in a file.
 *
 * @param tensors the outputs that it is called with, as [layer, use, output]
 * @param constants other arguments by position
 * @param readable whether that is all: it is not where a tensor is given by name
 */
record Call(List<JsonNode> tensors, List<JsonNode> constants, boolean readable) {
    private static final String CLASS = "class_name";
    private static final String TENSOR = "__keras_tensor__";

    /** Reads one element of {@code inbound_nodes}, in the form of Keras 3 or of Keras 2. */
    static Call read(JsonNode node) {
        return node.isObject() ? keras3(node) : keras2(node);
    }

    private static Call keras3(JsonNode node) {
        List<JsonNode> tensors = new ArrayList<>();
        List<JsonNode> constants = new ArrayList<>();
        for (JsonNode argument : node.path("args")) {
            if (argument.isArray() && argument.size() > 0 && isTensor(argument.get(0))) {
                argument.forEach(element -> addArgument(element, tensors, constants));
            } else {
                addArgument(argument, tensors, constants);
            }
        }
        List<JsonNode> named = node.path("kwargs").findParents(CLASS).stream()
                .filter(Call::isTensor)
                .toList();
        named.forEach(argument -> addArgument(argument, tensors, constants));
        return new Call(tensors, constants, named.isEmpty());
    }

    private static void addArgument(JsonNode argument, List<JsonNode> tensors, List<JsonNode> constants) {
        if (isTensor(argument)) {
            tensors.add(argument.path("config").path("keras_history"));
        } else {
            constants.add(argument);
        }
    }

    private static boolean isTensor(JsonNode argument) {
        return argument.path(CLASS).asText().equals(TENSOR);
    }

    /** [[layer, use, output, arguments by name], ...], or in some versions one of them without the outer list. */
    private static Call keras2(JsonNode node) {
        List<JsonNode> tensors = new ArrayList<>();
        List<JsonNode> constants = new ArrayList<>();
        boolean single = node.isArray() && node.size() > 0 && node.get(0).isTextual();
        for (JsonNode tensor : single ? List.of(node) : node) {
            tensors.add(tensor);
            // the second operand of an operation of TensorFlow, such as tf.math.truediv
            Optional.ofNullable(tensor.path(3).get("y")).ifPresent(constants::add);
        }
        return new Call(tensors, constants, true);
    }
}
