package org.transfer4j.internal.weights;

import java.util.List;
import java.util.Map;

/** Networks for the loader by their shapes alone, without depthwise convolutions and without Flatten. */
final class Shapes {
    private Shapes() {}

    static NetworkLayers network(Map<String, Map<String, long[]>> shapes) {
        return network(shapes, Map.of());
    }

    static NetworkLayers network(Map<String, Map<String, long[]>> shapes, Map<String, String> torchNames) {
        return new NetworkLayers(
                shapes.entrySet().stream()
                        .map(layer -> LayerShapes.of(
                                layer.getKey(),
                                NetworkLayers.kind(layer.getValue()),
                                FlattenedShape.none(1),
                                layer.getValue()))
                        .toList(),
                shapes.keySet(),
                torchNames.isEmpty() ? List.of() : List.of(torchNames),
                false);
    }
}
