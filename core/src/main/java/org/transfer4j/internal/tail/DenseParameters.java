package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A value for each parameter of a chain of layers (the parameter itself, or its gradient), in one array, in DL4J's
 * order: each layer's weights, [inputs, outputs] in Fortran order, then its biases.
 */
final class DenseParameters implements AutoCloseable {
    private final List<DenseLayerShape> layers;
    private final INDArray all;

    /** Starts with zeros. */
    DenseParameters(List<DenseLayerShape> layers) {
        this.layers = layers;
        long size = layers.stream()
                .mapToLong(layer -> layer.weights() + layer.outputs())
                .sum();
        all = zeros(size);
    }

    /** Zeros, [1, n], that belong to no workspace that may be open around us. */
    static INDArray zeros(long size) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 1, size).assign(0);
    }

    /** All of them, [1, n]. */
    INDArray all() {
        return all;
    }

    /** Some of them, [1, to - from], not copied. */
    INDArray range(long from, long to) {
        return all.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }

    /** Some of them, not copied, as one row. */
    Matrix values(long from, int count) {
        return Matrix.view(all, from, 1, count);
    }

    /** A layer's weights, not copied, [outputs, inputs] in C order. */
    Matrix weights(int layer) {
        DenseLayerShape shape = layers.get(layer);
        return Matrix.view(all, start(layer), shape.outputs(), shape.inputs());
    }

    /** A layer's biases, not copied, [1, outputs]. */
    Matrix bias(int layer) {
        DenseLayerShape shape = layers.get(layer);
        return Matrix.view(all, start(layer) + shape.weights(), 1, shape.outputs());
    }

    /** All weights, no biases, not copied, in pieces of a size at most. */
    List<INDArray> weightPieces(long size) {
        List<INDArray> pieces = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            long end = start(layer) + layers.get(layer).weights();
            for (long from = start(layer); from < end; from += size) {
                pieces.add(range(from, Math.min(end, from + size)));
            }
        }
        return pieces;
    }

    /** Where each parameter lies among {@link #all()}. */
    List<UpdaterState.Place> places() {
        List<UpdaterState.Place> places = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            DenseLayerShape shape = layers.get(layer);
            long bias = start(layer) + shape.weights();
            places.add(new UpdaterState.Place(shape.name() + "/W", start(layer), bias));
            places.add(new UpdaterState.Place(shape.name() + "/b", bias, bias + shape.outputs()));
        }
        return places;
    }

    private long start(int layer) {
        return layers.stream()
                .limit(layer)
                .mapToLong(before -> before.weights() + before.outputs())
                .sum();
    }

    /** All of them, not copied, by layer and DL4J's names, in DL4J's shapes. */
    Map<String, Map<String, INDArray>> byName() {
        Map<String, Map<String, INDArray>> names = new LinkedHashMap<>();
        long next = 0;
        for (DenseLayerShape layer : layers) {
            long bias = next + layer.weights();
            long end = bias + layer.outputs();
            Map<String, INDArray> parameters = new LinkedHashMap<>();
            parameters.put("W", range(next, bias).reshape('f', layer.inputs(), layer.outputs()));
            parameters.put("b", range(bias, end).reshape(layer.outputs()));
            names.put(layer.name(), parameters);
            next = end;
        }
        return names;
    }

    @Override
    public void close() {
        all.close();
    }
}
