package org.transfer4j.internal.onednn;

/**
 * The result of an operation, or the program's input. A flattened value keeps its image shape: flattening moves nothing,
 * since features are channels first.
 */
record Value(int id, ImageShape shape, boolean flat) {
    Value flattened() {
        return new Value(id, shape, true);
    }

    Value unflattened() {
        return new Value(id, shape, false);
    }

    long[] featureShape() {
        return flat ? new long[] {shape.elements()} : new long[] {shape.channels(), shape.height(), shape.width()};
    }
}
