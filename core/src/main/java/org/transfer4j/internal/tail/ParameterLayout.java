package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.util.GraphIndices;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * Where the parameters of a tail lie when all are in one row: layer after layer, each in DL4J's order, the dense layers at
 * the top as a chain at the end.
 */
final class ParameterLayout {
    /** All else that batch normalization has is measured. */
    private static final Set<String> LEARNED =
            Set.of(BatchNormalizationParamInitializer.GAMMA, BatchNormalizationParamInitializer.BETA);

    private final List<Part> parts = new ArrayList<>();
    private final List<DenseLayerShape> dense;
    private final Map<String, Double> rateParts;
    private long denseStart;
    private long size;

    /** A layer's place. */
    private record Part(NeuralNetConfiguration configuration, long from, long to) {
        String layer() {
            return configuration.getLayer().getLayerName();
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

    private ParameterLayout(List<DenseLayerShape> dense, Map<String, Double> rateParts) {
        this.dense = dense;
        this.rateParts = rateParts;
    }

    /**
     * Reads a graph.
     *
     * @param dense the dense layers at the top
     * @param rateParts the part of the learning rate that a layer gets, by name; 1 where it is not named
     * @throws UnsupportedGraphException if a layer is to be trained in a way that is DL4J's alone; the message names it
     */
    static ParameterLayout of(
            ComputationGraphConfiguration graph, List<DenseLayerShape> dense, Map<String, Double> rateParts) {
        ParameterLayout layout = new ParameterLayout(dense, rateParts);
        GraphIndices indices = new ComputationGraph(graph).calculateIndices();
        for (int index : indices.getTopologicalSortOrder()) {
            String name = indices.getIdxToName().get(index);
            if (dense.get(0).name().equals(name)) {
                layout.denseStart = layout.size;
            }
            GraphVertex vertex = graph.getVertices().get(name);
            if (name != null && vertex != null) {
                layout.append(name, vertex);
            }
        }
        List<String> last = layout.parts.stream().map(Part::layer).toList();
        if (!last.subList(Math.max(0, last.size() - dense.size()), last.size())
                .equals(dense.stream().map(DenseLayerShape::name).toList())) {
            throw new UnsupportedGraphException("it has layers that its output does not need: " + last);
        }
        return layout;
    }

    private void append(String name, GraphVertex vertex) {
        if (vertex instanceof LayerVertex layerVertex) {
            NeuralNetConfiguration configuration = layerVertex.getLayerConf().clone();
            requirePlain(
                    name,
                    configuration,
                    dense.stream().anyMatch(layer -> layer.name().equals(name)));
            long count = configuration.getLayer().initializer().numParams(configuration);
            if (count > 0) {
                parts.add(new Part(configuration, size, size + count));
                size += count;
            }
        } else if (vertex.numParams(true) > 0 || vertex instanceof FrozenVertex) {
            throw unsupported(name, "is a " + vertex.getClass().getSimpleName());
        }
    }

    private static void requirePlain(String name, NeuralNetConfiguration configuration, boolean isDense) {
        Layer layer = configuration.getLayer();
        if (layer instanceof FrozenLayer) {
            throw unsupported(name, "is frozen in the network itself");
        }
        if (layer.getIDropout() != null && !isDense && !(layer instanceof DropoutLayer)) {
            throw unsupported(name, "drops what it reads, and is no dense layer");
        }
        if (configuration.getDataType() != DataType.FLOAT) {
            throw unsupported(name, "computes in " + configuration.getDataType());
        }
        if (!configuration.isMiniBatch() || !configuration.isMinimize()) {
            throw unsupported(name, "is to be trained without minibatches, or to be maximized");
        }
        if (layer.getConstraints() != null && !layer.getConstraints().isEmpty()) {
            throw unsupported(name, "has constraints " + layer.getConstraints());
        }
        if (layer instanceof BaseLayer weighted) {
            if (weighted.getWeightNoise() != null) {
                throw unsupported(name, "has weight noise " + weighted.getWeightNoise());
            }
            GradientNormalization normalization = weighted.getGradientNormalization();
            if (normalization != null && normalization != GradientNormalization.None) {
                throw unsupported(name, "normalizes its gradient by " + normalization);
            }
        }
    }

    private static UnsupportedGraphException unsupported(String layer, String reason) {
        return new UnsupportedGraphException("layer '" + layer + "' " + reason);
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

    /** A row of numbers as DL4J's layers see it: layer, then parameter as DL4J names it, in DL4J's shapes, not copied. */
    Map<String, Map<String, INDArray>> tables(INDArray row, boolean gradients) {
        Map<String, Map<String, INDArray>> tables = new LinkedHashMap<>();
        for (Part part : parts) {
            INDArray view = row.get(NDArrayIndex.all(), NDArrayIndex.interval(part.from(), part.to()));
            ParamInitializer initializer = part.configuration().getLayer().initializer();
            tables.put(
                    part.layer(),
                    gradients
                            ? initializer.getGradientsFromFlattened(part.configuration(), view)
                            : initializer.init(part.configuration(), view, false));
        }
        return tables;
    }

    /** All parameters, which lie in a row like this one. */
    List<Parameter> parameters(INDArray row) {
        List<Parameter> parameters = new ArrayList<>();
        Map<String, Map<String, INDArray>> tables = tables(row, false);
        for (Part part : parts) {
            tables.getOrDefault(part.layer(), Map.of())
                    .forEach((name, view) -> parameters.add(parameter(part, name, view, row)));
        }
        return parameters;
    }

    private Parameter parameter(Part part, String name, INDArray view, INDArray row) {
        Layer layer = part.configuration().getLayer();
        long from = (view.data().addressPointer().address()
                        - row.data().addressPointer().address())
                / Float.BYTES;
        List<Regularization> regularization = layer.getRegularizationByParam(name);
        return new Parameter(
                part.layer() + "/" + name,
                from,
                from + view.length(),
                layer.initializer().isWeightParam(layer, name),
                layer instanceof BatchNormalization && !LEARNED.contains(name),
                rateParts.getOrDefault(part.layer(), 1.0),
                regularization == null ? List.of() : List.copyOf(regularization));
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
