package org.transfer4j.internal.weights;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/** Networks for the loader by the shapes of their parameters alone, without depthwise convolutions and without Flatten. */
public final class Shapes {
    private Shapes() {}

    public static NetworkLayers network(Map<String, Map<String, long[]>> shapes) {
        return network(shapes, Map.of());
    }

    public static NetworkLayers network(Map<String, Map<String, long[]>> shapes, Map<String, String> torchNames) {
        return new NetworkLayers(
                shapes.entrySet().stream()
                        .map(layer -> layer(layer.getKey(), layer.getValue()))
                        .toList(),
                shapes.keySet(),
                torchNames.isEmpty() ? List.of() : List.of(torchNames),
                false);
    }

    /** Convolutions of 1x1 in a row, without bias. */
    public static NetworkLayers convolutions(Map<String, Op.Convolution> layers) {
        return new NetworkLayers(
                layers.entrySet().stream()
                        .map(layer -> new LayerShapes(
                                layer.getKey(),
                                Shape.of(1),
                                List.of(new LayerShapes.Parameter(
                                        layer.getKey(),
                                        Op.WEIGHTS,
                                        layer.getValue(),
                                        layer.getValue().parameter(Op.WEIGHTS)))))
                        .toList(),
                layers.keySet(),
                List.of(),
                false);
    }

    private static LayerShapes layer(String name, Map<String, long[]> shapes) {
        Op op = op(shapes.get(Op.WEIGHTS), shapes);
        return new LayerShapes(
                name,
                Shape.of(1),
                Stream.of(Op.WEIGHTS, Op.BIAS, Op.GAMMA, Op.BETA, Op.MEAN, Op.VARIANCE)
                        .filter(shapes::containsKey)
                        .map(parameter ->
                                new LayerShapes.Parameter(name, parameter, op, Shape.of(shapes.get(parameter))))
                        .toList());
    }

    private static Op op(long[] kernel, Map<String, long[]> shapes) {
        if (kernel == null) {
            return new Op.Normalization((int) shapes.get(Op.MEAN)[0], 1e-3, 0.9);
        }
        boolean biased = shapes.containsKey(Op.BIAS);
        return kernel.length == 2
                ? new Op.Dense((int) kernel[1], (int) kernel[0], biased)
                : new Op.Convolution((int) kernel[1], (int) kernel[0], 1, Window.PIXEL, biased);
    }
}
