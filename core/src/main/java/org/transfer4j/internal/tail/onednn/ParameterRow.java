package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.UpdaterState;

/**
 * A value for each parameter of a tail (the parameter itself, its gradient, or what an updater remembers of it), in one
 * array.
 */
final class ParameterRow implements AutoCloseable {
    private final Layout layout;
    private final INDArray all;

    /** Starts with zeros. */
    ParameterRow(Layout layout) {
        this.layout = layout;
        all = zeros(layout.size);
    }

    /** Zeros, [1, n], that belong to no workspace that may be open around us. */
    static INDArray zeros(long size) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 1, size).assign(0);
    }

    Layout layout() {
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
        return IntStream.range(0, layout.dense.size())
                .mapToObj(layer -> DenseLayerMath.of(weights(layer), bias(layer)))
                .toList();
    }

    /** A dense layer's weights, not copied, [outputs, inputs] in C order. */
    private Matrix weights(int layer) {
        DenseChain.Layer shape = layout.dense.get(layer);
        return Matrix.view(all, start(layer), shape.outputs(), shape.inputs());
    }

    /** A dense layer's biases, not copied, [1, outputs]. */
    private Matrix bias(int layer) {
        DenseChain.Layer shape = layout.dense.get(layer);
        return Matrix.view(all, start(layer) + shape.weights(), 1, shape.outputs());
    }

    private long start(int layer) {
        return layout.denseStart
                + layout.dense.stream()
                        .limit(layer)
                        .mapToLong(before -> before.weights() + before.outputs())
                        .sum();
    }

    /** What it is made of. */
    List<Parameter> parameters() {
        return layout.parameters;
    }

    /** Where each parameter lies. */
    List<UpdaterState.Place> places() {
        return parameters().stream()
                .map(parameter -> new UpdaterState.Place(parameter.name(), parameter.from(), parameter.to()))
                .toList();
    }

    /** What is learned of it, in pieces as large as they can be. */
    List<Segment> segments() {
        List<Segment> segments = new ArrayList<>();
        for (Parameter next : layout.parameters) {
            if (next.statistic()) {
                continue;
            }
            int last = segments.size() - 1;
            Segment before = segments.isEmpty() ? null : segments.get(last);
            if (before != null && before.reaches(next)) {
                segments.set(last, new Segment(before.from(), next.to(), before.ratePart(), List.of()));
            } else {
                segments.add(new Segment(next.from(), next.to(), next.ratePart(), next.regularization()));
            }
        }
        return segments;
    }

    /** All of them, not copied, as {@code ParameterValues} has them. */
    Map<String, Map<String, INDArray>> byName() {
        Map<String, Map<String, INDArray>> named = new LinkedHashMap<>();
        layout.parameters.forEach(parameter -> named.computeIfAbsent(parameter.owner(), owner -> new LinkedHashMap<>())
                .put(parameter.own(), parameter.in(all)));
        return named;
    }

    @Override
    public void close() {
        all.close();
    }

    /**
     * One parameter.
     *
     * @param owner under which it is kept
     * @param own what the op calls it
     * @param weight whether weight decay makes it smaller
     * @param statistic whether it is measured, and not learned
     * @param ratePart the part of the learning rate that it gets
     * @param regularization what DL4J's layer adds to its gradient or to its steps
     */
    record Parameter(
            String owner,
            String own,
            Shape shape,
            long from,
            long to,
            boolean weight,
            boolean statistic,
            double ratePart,
            List<Regularization> regularization) {
        /** Its name among all. */
        String name() {
            return owner + "/" + own;
        }

        private INDArray in(INDArray row) {
            return row.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).reshape('c', shape.toArray());
        }
    }

    /** Parameters that lie side by side and are learned alike. */
    record Segment(long from, long to, double ratePart, List<Regularization> regularization) {
        private boolean reaches(Parameter next) {
            return to == next.from()
                    && ratePart == next.ratePart()
                    && isPlain()
                    && next.regularization().isEmpty();
        }

        boolean isPlain() {
            return regularization.isEmpty();
        }

        long length() {
            return to - from;
        }

        /** The same in pieces of this length, the last of which may be shorter. */
        List<Segment> cut(long length) {
            return LongStream.iterate(from, start -> start < to, start -> start + length)
                    .mapToObj(start -> new Segment(start, Math.min(to, start + length), ratePart, regularization))
                    .toList();
        }
    }

    /**
     * Where the parameters of a tail lie when all are in one row: node after node, each parameter in C order, the dense layers at
     * the top as a chain at the end.
     */
    static final class Layout {
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<DenseChain.Layer> dense;
        private long denseStart;
        private long size;

        /**
         * Lays them side by side.
         *
         * @param dense the dense layers at the top
         * @param rateParts the part of the learning rate that a layer gets, by name; 1 where it is not named
         * @throws UnsupportedGraphException if other parameters than those of dense layers are the last
         */
        Layout(Network network, List<DenseChain.Layer> dense, Map<String, Double> rateParts) {
            this.dense = dense;
            Map<String, Network.Node> owners = ParameterValues.owners(network);
            owners.forEach((owner, node) -> {
                if (owner.equals(dense.get(0).name())) {
                    denseStart = size;
                }
                ParameterValues.shapes(node)
                        .forEach((name, shape) ->
                                add(owner, node, name, shape, rateParts.getOrDefault(node.layer(), 1.0)));
            });
            List<String> all = List.copyOf(owners.keySet());
            if (!all.subList(Math.max(0, all.size() - dense.size()), all.size())
                    .equals(dense.stream().map(DenseChain.Layer::name).toList())) {
                throw new UnsupportedGraphException("it has layers that its output does not need: " + all);
            }
        }

        private void add(String owner, Network.Node node, String name, Shape shape, double ratePart) {
            Network.Origin origin = node.origin();
            long end = size + shape.elements();
            parameters.add(new Parameter(
                    owner,
                    name,
                    shape,
                    size,
                    end,
                    name.equals(Op.WEIGHTS),
                    ParameterValues.isStatistic(name),
                    ratePart,
                    origin == null ? List.of() : origin.regularization(name)));
            size = end;
        }

        /** The dense layers at the top. */
        List<DenseChain.Layer> dense() {
            return dense;
        }
    }
}
