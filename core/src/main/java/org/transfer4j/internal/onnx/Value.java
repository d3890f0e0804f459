package org.transfer4j.internal.onnx;

import java.util.List;

/**
 * A tensor that flows through the graph.
 *
 * @param name unique in the graph
 * @param shape for one image, without the batch dimension: [C, H, W] or [units]
 */
record Value(String name, List<Long> shape) {
    static Value image(String name, long channels, long height, long width) {
        return new Value(name, List.of(channels, height, width));
    }

    boolean isImage() {
        return shape.size() == 3;
    }

    long channels() {
        return shape.get(0);
    }

    long height() {
        return shape.get(1);
    }

    long width() {
        return shape.get(2);
    }

    long length() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return name + " " + shape;
    }
}
