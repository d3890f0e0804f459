package org.transfer4j.internal.dl4j;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterTables;
import org.transfer4j.internal.network.Shape;

/**
 * The parameters of an op that DL4J has not, or of one of several that are no layer of DL4J's: in the shapes of the op, in C
 * order.
 */
record OpTable(String name, String layer, Op op) implements ParameterTables.Table {
    /** A shift right behind its scale, as oneDNN wants it. */
    private static final List<String> ORDER = List.of(Op.WEIGHTS, Op.BIAS, Op.GAMMA, Op.BETA, Op.MEAN, Op.VARIANCE);

    @Override
    public long size() {
        return op.parameters().values().stream().mapToLong(Shape::elements).sum();
    }

    @Override
    public Map<String, INDArray> in(INDArray row) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        long from = 0;
        List<String> names = op.parameters().keySet().stream()
                .sorted(Comparator.comparingInt(ORDER::indexOf))
                .toList();
        for (String name : names) {
            Shape shape = op.parameter(name);
            long to = from + shape.elements();
            views.put(
                    name,
                    row.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).reshape('c', shape.toArray()));
            from = to;
        }
        return views;
    }

    @Override
    public boolean isWeight(String parameter) {
        return parameter.equals(Op.WEIGHTS);
    }

    @Override
    public boolean isStatistic(String parameter) {
        return parameter.equals(Op.MEAN) || parameter.equals(Op.VARIANCE);
    }

    @Override
    public List<Regularization> regularization(String parameter) {
        return List.of();
    }
}
