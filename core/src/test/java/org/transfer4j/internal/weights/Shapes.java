package org.transfer4j.internal.weights;

import java.util.List;
import java.util.Map;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.network.Shape;

/** Networks for the loader by their shapes alone, without depthwise convolutions and without Flatten. */
public final class Shapes {
    private Shapes() {}

    public static NetworkLayers network(Map<String, Map<String, long[]>> shapes) {
        return network(shapes, Map.of());
    }

    public static NetworkLayers network(Map<String, Map<String, long[]>> shapes, Map<String, String> torchNames) {
        return new NetworkLayers(
                shapes.entrySet().stream()
                        .map(layer -> LayerShapes.of(
                                layer.getKey(), NetworkLayers.kind(layer.getValue()), Shape.of(1), layer.getValue()))
                        .toList(),
                shapes.keySet(),
                torchNames.isEmpty() ? List.of() : List.of(torchNames),
                false);
    }
}
