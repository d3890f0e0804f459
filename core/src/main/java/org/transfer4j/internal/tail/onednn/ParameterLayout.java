package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.network.ParameterTables;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * Where the parameters of a tail lie when all are in one row: table after table, the dense layers at the top as a chain at the
 * end.
 */
final class ParameterLayout {
    private final List<Part> parts = new ArrayList<>();
    private final List<DenseLayerShape> dense;
    private final Map<String, Double> rateParts;
    private long denseStart;
    private long size;

    /** A table's place. */
    private record Part(ParameterTables.Table table, long from) {
        Map<String, INDArray> in(INDArray row) {
            return table.in(row.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + table.size())));
        }
    }

    /**
     * One parameter.
     *
     * @param weight whether weight decay makes it smaller
     * @param statistic whether it is measured, and not learned
     * @param ratePart the part of the learning rate that it gets
     * @param regularization what DL4J's layer adds to its gradient or to its steps
     */
    record Parameter(
            String name,
            long from,
            long to,
            boolean weight,
            boolean statistic,
            double ratePart,
            List<Regularization> regularization) {}

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
    }

    /**
     * Lays tables side by side.
     *
     * @param dense the dense layers at the top
     * @param rateParts the part of the learning rate that a layer gets, by name; 1 where it is not named
     * @throws UnsupportedGraphException if other tables than those of dense layers are the last
     */
    ParameterLayout(ParameterTables tables, List<DenseLayerShape> dense, Map<String, Double> rateParts) {
        this.dense = dense;
        this.rateParts = rateParts;
        for (ParameterTables.Table table : tables.tables()) {
            if (table.name().equals(dense.get(0).name())) {
                denseStart = size;
            }
            parts.add(new Part(table, size));
            size += table.size();
        }
        List<String> all = parts.stream().map(part -> part.table().name()).toList();
        if (!all.subList(Math.max(0, all.size() - dense.size()), all.size())
                .equals(dense.stream().map(DenseLayerShape::name).toList())) {
            throw new UnsupportedGraphException("it has layers that its output does not need: " + all);
        }
    }

    /** The number of all. */
    long size() {
        return size;
    }

    /** The dense layers at the top. */
    List<DenseLayerShape> dense() {
        return dense;
    }

    /** Where the first of the dense layers lies. */
    long denseStart() {
        return denseStart;
    }

    /** A row of numbers as tables, not copied. */
    Map<String, Map<String, INDArray>> tables(INDArray row) {
        Map<String, Map<String, INDArray>> tables = new LinkedHashMap<>();
        parts.forEach(part -> tables.put(part.table().name(), part.in(row)));
        return tables;
    }

    /** All parameters, which lie in a row like this one. */
    List<Parameter> parameters(INDArray row) {
        List<Parameter> parameters = new ArrayList<>();
        for (Part part : parts) {
            part.in(row).forEach((name, view) -> parameters.add(parameter(part.table(), name, view, row)));
        }
        return parameters;
    }

    private Parameter parameter(ParameterTables.Table table, String name, INDArray view, INDArray row) {
        long from = (view.data().addressPointer().address()
                        - row.data().addressPointer().address())
                / Float.BYTES;
        return new Parameter(
                table.name() + "/" + name,
                from,
                from + view.length(),
                table.isWeight(name),
                table.isStatistic(name),
                rateParts.getOrDefault(table.layer(), 1.0),
                table.regularization(name));
    }

    /** What is learned, in pieces as large as they can be. */
    List<Segment> segments(INDArray row) {
        List<Segment> segments = new ArrayList<>();
        List<Parameter> inOrder = parameters(row).stream()
                .filter(parameter -> !parameter.statistic())
                .sorted(Comparator.comparingLong(Parameter::from))
                .toList();
        for (Parameter next : inOrder) {
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
}
