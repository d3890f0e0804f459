package org.transfer4j.internal.tail.onednn;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.tail.UpdaterState;

/**
 * A value for each parameter of a tail (the parameter itself, its gradient, or what an updater remembers of it), in one
 * array.
 */
final class ParameterRow implements AutoCloseable {
    private final ParameterLayout layout;
    private final INDArray all;

    /** Starts with zeros. */
    ParameterRow(ParameterLayout layout) {
        this.layout = layout;
        all = zeros(layout.size());
    }

    /** Zeros, [1, n], that belong to no workspace that may be open around us. */
    static INDArray zeros(long size) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 1, size).assign(0);
    }

    ParameterLayout layout() {
        return layout;
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

    /** The products of the dense layers, with these values as weights and biases. */
    List<DenseLayerMath> dense() {
        return IntStream.range(0, layout.dense().size())
                .mapToObj(layer -> DenseLayerMath.of(weights(layer), bias(layer)))
                .toList();
    }

    /** A dense layer's weights, not copied, [outputs, inputs] in C order. */
    private Matrix weights(int layer) {
        DenseChain.Layer shape = layout.dense().get(layer);
        return Matrix.view(all, start(layer), shape.outputs(), shape.inputs());
    }

    /** A dense layer's biases, not copied, [1, outputs]. */
    private Matrix bias(int layer) {
        DenseChain.Layer shape = layout.dense().get(layer);
        return Matrix.view(all, start(layer) + shape.weights(), 1, shape.outputs());
    }

    private long start(int layer) {
        return layout.denseStart()
                + layout.dense().stream()
                        .limit(layer)
                        .mapToLong(before -> before.weights() + before.outputs())
                        .sum();
    }

    /** What it is made of. */
    List<ParameterLayout.Parameter> parameters() {
        return layout.parameters();
    }

    /** Where each parameter lies. */
    List<UpdaterState.Place> places() {
        return parameters().stream()
                .map(parameter -> new UpdaterState.Place(parameter.name(), parameter.from(), parameter.to()))
                .toList();
    }

    /** What is learned of it, in pieces as large as they can be. */
    List<ParameterLayout.Segment> segments() {
        return layout.segments();
    }

    /** All of them, not copied, as {@code ParameterValues} has them. */
    Map<String, Map<String, INDArray>> byName() {
        return layout.byName(all);
    }

    @Override
    public void close() {
        all.close();
    }
}
