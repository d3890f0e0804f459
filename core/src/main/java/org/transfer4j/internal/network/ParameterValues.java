package org.transfer4j.internal.network;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The values of parameters, as all of the library keeps them: by the name of the layer, or of the node where several of a
 * layer's nodes have parameters; then by the op's name of the parameter; in the op's shape.
 */
public final class ParameterValues {
    private static final int PIECE = 1 << 14;

    /** In which they stand where their order matters. oneDNN wants a shift right behind its scale. */
    private static final List<String> ORDER = List.of(Op.WEIGHTS, Op.BIAS, Op.GAMMA, Op.BETA, Op.MEAN, Op.VARIANCE);

    private ParameterValues() {}

    /** A network that was given with its parameters. */
    @FunctionalInterface
    public interface Given {
        /** As all of the library keeps them, not copies; there may be more than a part of the network has. */
        Map<String, Map<String, INDArray>> parameters();
    }

    /** The nodes that have parameters, in the network's order, by the names under which these are kept. */
    public static Map<String, Network.Node> owners(Network network) {
        Map<String, Network.Node> owners = new LinkedHashMap<>();
        network.layers().forEach((layer, nodes) -> {
            List<Network.Node> own =
                    nodes.stream().filter(node -> !node.parameters().isEmpty()).toList();
            own.forEach(node -> owners.put(own.size() == 1 ? layer : node.name(), node));
        });
        return owners;
    }

    /** The names of parameters that layers have in files of weights. */
    public static List<String> known() {
        return ORDER;
    }

    /** The parameters of a node with their shapes, in an order that is always the same. */
    public static Map<String, Shape> shapes(Network.Node node) {
        Map<String, Shape> all =
                new TreeMap<>(Comparator.<String>comparingInt(ORDER::indexOf).thenComparing(Comparator.naturalOrder()));
        all.putAll(node.parameters());
        return all;
    }

    /** Whether a parameter is measured, and not learned. */
    public static boolean isStatistic(String parameter) {
        return parameter.equals(Op.MEAN) || parameter.equals(Op.VARIANCE);
    }

    /** All zero, in C order, in no workspace that may be open around us. */
    public static Map<String, Map<String, INDArray>> zeros(Network network) {
        return made(network, (node, parameter) -> {
            DataType type = node.op().parameterType();
            Shape shape = Network.known(node.parameters(), parameter);
            return Nd4j.createUninitializedDetached(type, 'c', shape.toArray()).assign(0);
        });
    }

    /** Values of all parameters of a network, which are not copied. */
    public static Map<String, Map<String, INDArray>> made(Network network, Network.Values values) {
        Map<String, Map<String, INDArray>> all = new LinkedHashMap<>();
        owners(network).forEach((owner, node) -> {
            Map<String, INDArray> own = new LinkedHashMap<>();
            shapes(node).keySet().forEach(parameter -> own.put(parameter, values.of(node, parameter)));
            all.put(owner, own);
        });
        return all;
    }

    /** Finds values by node: those that are kept, not copied, and what a layer fixes. */
    public static Network.Values of(Network network, Map<String, Map<String, INDArray>> kept) {
        Map<String, String> names = new LinkedHashMap<>();
        owners(network).forEach((owner, node) -> names.put(node.name(), owner));
        return (node, parameter) -> {
            OptionalDouble fixed = node.fixed(parameter);
            if (fixed.isPresent()) {
                long[] shape = node.op().parameter(parameter).toArray();
                return Nd4j.valueArrayOf(shape, fixed.getAsDouble(), DataType.FLOAT);
            }
            String owner = names.getOrDefault(node.name(), node.name());
            INDArray value = kept.getOrDefault(owner, Map.of()).get(parameter);
            if (value == null) {
                throw UnsupportedGraphException.of(node, "has no parameter " + parameter);
            }
            return value;
        };
    }

    /**
     * Refuses numbers with which a network can only answer NaN.
     *
     * @param layer under which they are kept, for the error
     * @param parameter their name, which says whether they are variances
     * @param values float; of others nothing is known
     * @throws IllegalArgumentException if one is not finite, or is a negative variance
     */
    public static void check(String layer, String parameter, INDArray values) {
        if (values.dataType() != DataType.FLOAT) {
            return; // bytes are what they are
        }
        boolean variance = parameter.equals(Op.VARIANCE);
        INDArray plain = values.ordering() == 'c' && !values.isView() ? values : values.dup('c');
        FloatPointer memory = new FloatPointer(plain.data().addressPointer());
        float[] some = new float[PIECE];
        for (long start = 0; start < plain.length(); start += PIECE) {
            int count = (int) Math.min(PIECE, plain.length() - start);
            memory.position(start).get(some, 0, count);
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(some[i]) || (variance && some[i] < 0)) {
                    throw new IllegalArgumentException("the weights " + layer + "/" + parameter + " must be finite"
                            + (variance ? " and not negative" : "") + ", found " + some[i]);
                }
            }
        }
    }

    /** Copies parameters into those of the same names; both sides may have layers that the other has not. */
    public static void copy(
            Map<String, ? extends Map<String, INDArray>> from, Map<String, ? extends Map<String, INDArray>> to) {
        to.forEach((layer, parameters) -> {
            Map<String, INDArray> source = from.get(layer);
            if (source != null) {
                parameters.forEach((name, value) -> value.assign(source.get(name)));
            }
        });
    }
}
