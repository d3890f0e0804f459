package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.trunk.MemoryOrder;

/**
 * A graph of DL4J's parameters as ours: DL4J's own arrays where these can be seen in the op's shape, copies of the few that
 * can't. It is the graph that {@link Dl4jWriter} has written of the network, or that the network was read of.
 */
public final class Dl4jParameters {
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Copy> copies = new ArrayList<>();

    /**
     * A parameter, here and there.
     *
     * @param owner under which we keep it
     * @param vertex of DL4J
     * @param kept DL4J's array
     * @param values the same in the op's shape
     */
    private record Parameter(String owner, String name, String vertex, Source source, INDArray kept, INDArray values) {
        private INDArray ours(INDArray there) {
            return source.order().ours(there, Shape.of(values.shape()));
        }

        /** What belongs to the parameter's numbers in the order of DL4J's, as ours. */
        INDArray oursOfRow(INDArray row) {
            return ours(row.reshape(kept.ordering(), kept.shape())).dup('c').reshape(row.length());
        }

        /** The same the other way round. */
        INDArray theirsOfRow(INDArray row) {
            INDArray there = Nd4j.createUninitializedDetached(kept.dataType(), kept.ordering(), kept.shape());
            source.order().put(row.reshape('c', values.shape()), there);
            return Nd4j.toFlattened(kept.ordering(), there).reshape(row.length());
        }
    }

    /** What must be brought there and back, but only where it was changed: on the way it is rounded. */
    private static final class Copy {
        private final Parameter parameter;
        private INDArray sameHere;
        private INDArray sameThere;

        Copy(Parameter parameter) {
            this.parameter = parameter;
            sameHere = parameter.values().dup();
            sameThere = parameter.kept().dup();
        }

        void push() {
            if (!parameter.values().equalsWithEps(sameHere, 0)) {
                parameter.source().order().put(parameter.values(), parameter.kept());
                remember();
            }
        }

        void pull() {
            if (!parameter.kept().equalsWithEps(sameThere, 0)) {
                parameter.values().assign(parameter.ours(parameter.kept()));
                remember();
            }
        }

        private void remember() {
            sameHere = parameter.values().dup();
            sameThere = parameter.kept().dup();
        }
    }

    /**
     * Where DL4J has a parameter of an op.
     *
     * @param name what DL4J calls it among the layer's arrays
     * @param order in which its numbers lie there
     */
    record Source(String name, Order order) {
        /** One that lies as the op has it. */
        static Source named(String name) {
            return new Source(name, Order.OF_OP);
        }

        /** How DL4J's array becomes the op's, and the other way round. */
        enum Order {
            /** As the op has them; DL4J keeps one number a channel or unit as a row. */
            OF_OP {
                @Override
                INDArray ours(INDArray kept, Shape shape) {
                    return shape.isVector() ? kept.reshape(kept.length()) : kept;
                }
            },
            /** DL4J has [in, out] in the order in which [out, in] lies in C. */
            INPUTS_FIRST {
                @Override
                INDArray ours(INDArray kept, Shape shape) {
                    return kept.transpose();
                }
            },
            /** DL4J has [H, W, input, multiplier]; an output's number is its input's times the multiplier, plus which of them. */
            DEPTHWISE {
                @Override
                boolean fits(INDArray kept, Op op) {
                    return op instanceof Op.Convolution convolution
                            && Arrays.equals(kept.shape(), new long[] {
                                convolution.window().kernel().height(),
                                convolution.window().kernel().width(),
                                convolution.inputs(),
                                convolution.outputs() / convolution.inputs()
                            });
                }

                @Override
                INDArray ours(INDArray kept, Shape shape) {
                    INDArray plain = MemoryOrder.isContiguous(kept) ? kept : kept.dup('c');
                    long outputs = shape.channels();
                    long[] strides = {1, 1, kept.size(1) * outputs, outputs};
                    return Nd4j.create(plain.data(), shape.toArray(), strides, plain.offset());
                }
            },
            /** DL4J has [multiplier, input, H, W], and the results of one input stand side by side: no view has this order. */
            SEPARABLE {
                @Override
                boolean fits(INDArray kept, Op op) {
                    return op instanceof Op.Convolution convolution
                            && Arrays.equals(kept.shape(), new long[] {
                                convolution.outputs() / convolution.inputs(),
                                convolution.inputs(),
                                convolution.window().kernel().height(),
                                convolution.window().kernel().width()
                            });
                }

                @Override
                INDArray ours(INDArray kept, Shape shape) {
                    return kept.permute(1, 0, 2, 3).dup('c').reshape(shape.toArray());
                }

                @Override
                void put(INDArray values, INDArray kept) {
                    kept.assign(values.dup('c')
                            .reshape(kept.size(1), kept.size(0), kept.size(2), kept.size(3))
                            .permute(1, 0, 2, 3));
                }
            },
            /** DL4J may have the logarithm of the variance' root to base 10. */
            LOGARITHM {
                @Override
                INDArray ours(INDArray kept, Shape shape) {
                    double[] variance = kept.reshape(kept.length()).toDoubleVector();
                    Arrays.setAll(variance, i -> Math.pow(10, 2 * variance[i]));
                    try (INDArray precise = Nd4j.createFromArray(variance)) {
                        return precise.castTo(kept.dataType());
                    }
                }

                /** A variance of zero has no logarithm: the least takes its place, which is nothing beside any epsilon. */
                @Override
                void put(INDArray values, INDArray kept) {
                    double[] logarithms = values.toDoubleVector();
                    Arrays.setAll(logarithms, i -> Math.log10(Math.max(logarithms[i], Float.MIN_NORMAL)) / 2);
                    try (INDArray precise = Nd4j.createFromArray(logarithms)) {
                        kept.assign(precise.castTo(kept.dataType()).reshape(kept.shape()));
                    }
                }
            };

            /** Whether {@link #ours} gives a view of what lies in one piece. */
            boolean isView() {
                return this != SEPARABLE && this != LOGARITHM;
            }

            /** DL4J's array in the op's shape. */
            abstract INDArray ours(INDArray kept, Shape shape);

            /** Whether an array, which has as many numbers, has the shape that DL4J has for it: strides are made of it unseen. */
            boolean fits(INDArray kept, Op op) {
                return true;
            }

            /** Writes values in the op's shape into DL4J's array. */
            void put(INDArray values, INDArray kept) {
                ours(kept, Shape.of(values.shape())).assign(values);
            }
        }
    }

    /**
     * Looks at the parameters of a graph that was written of a network.
     *
     * @param tables the graph's arrays by vertex and by DL4J's names
     * @throws IllegalArgumentException if there is not one for each of the network's, of its shape; the message says which
     */
    public Dl4jParameters(Network network, Map<String, Map<String, INDArray>> tables) {
        this(network, tables, places(Dl4jWriter.sayable(network), true));
    }

    /**
     * Looks at parameters that are in DL4J's tables, layer by layer, where DL4J has all of a layer, and in tables of the
     * ops elsewhere: those of a graph that the network was read of, and those that the library kept once.
     *
     * @throws IllegalArgumentException if there is not one for each of the network's, of its shape; the message says which
     */
    public static Dl4jParameters ofLayers(Network network, Map<String, Map<String, INDArray>> tables) {
        return new Dl4jParameters(network, tables, places(network, false));
    }

    private Dl4jParameters(Network network, Map<String, Map<String, INDArray>> tables, Map<String, Place> places) {
        ParameterValues.owners(network)
                .forEach((owner, node) -> ParameterValues.shapes(node).forEach((name, shape) -> {
                    // what DL4J has not is called as here
                    Place place = places.getOrDefault(node.name(), new Place(owner, Map.of()));
                    Source source = place.sources().getOrDefault(name, Source.named(name));
                    Map<String, INDArray> table = tables.getOrDefault(place.vertex(), Map.of());
                    INDArray kept = table.get(source.name());
                    INDArray values = kept == null
                                    || kept.length() != shape.elements()
                                    || !source.order().fits(kept, node.op())
                            ? null
                            : source.order().ours(kept, shape);
                    if (kept == null || values == null || !Arrays.equals(values.shape(), shape.toArray())) {
                        throw new IllegalArgumentException("its layer " + place.vertex() + " should have "
                                + source.name() + " of shape " + shape + " (outputs first), but has " + shapes(table));
                    }
                    Parameter parameter = new Parameter(owner, name, place.vertex(), source, kept, values);
                    parameters.add(parameter);
                    if (!source.order().isView()) {
                        copies.add(new Copy(parameter));
                    }
                }));
        places.forEach((node, place) -> Optional.ofNullable(network.op(node))
                .ifPresent(op -> fix(op, tables.getOrDefault(place.vertex(), Map.of()))));
    }

    /** Copies a network's parameters into a graph that was written of it. */
    public static void copy(WeightedNetwork from, ComputationGraph to) {
        Dl4jParameters parameters = new Dl4jParameters(from.network(), Graphs.parameters(to));
        ParameterValues.copy(from.parameters(), parameters.values());
        parameters.push();
    }

    /** What is fixed here may be a parameter of DL4J's, which nobody else fills. */
    private static void fix(Op op, Map<String, INDArray> table) {
        op.parameters()
                .keySet()
                .forEach(parameter -> op.fixed(parameter)
                        .ifPresent(value ->
                                Optional.ofNullable(table.get(parameter)).ifPresent(kept -> kept.assign(value))));
    }

    private static List<String> shapes(Map<String, INDArray> table) {
        return table.entrySet().stream()
                .map(entry ->
                        entry.getKey() + " " + Arrays.toString(entry.getValue().shape()))
                .toList();
    }

    /**
     * Where DL4J has the parameters of a node.
     *
     * @param sources of those that have another name or order there
     */
    private record Place(String vertex, Map<String, Source> sources) {}

    /** @param written whether a layer that is not written as one vertex is several, though DL4J has one for it */
    private static Map<String, Place> places(Network network, boolean written) {
        Map<String, Place> places = new HashMap<>();
        network.layers().forEach((layer, nodes) -> {
            Optional<GraphVertex> whole = nodes.get(0).origin() instanceof Dl4jOrigin origin
                    ? Optional.of(origin.vertex())
                    : written && !Dl4jWriter.isOneVertex(network, nodes)
                            ? Optional.empty()
                            : VertexWriter.write(nodes, network::shape, layer.equals(network.output()));
            if (whole.isPresent()) {
                put(places, network, layer, whole.get(), nodes);
            } else {
                Map<Network.Node, GraphVertex> parts = new LinkedHashMap<>();
                nodes.forEach(node -> VertexWriter.write(List.of(node), network::shape, false)
                        .ifPresent(part -> parts.put(node, part)));
                // a layer of which DL4J has not all is not its
                if (parts.size() == nodes.size()) {
                    parts.forEach((node, part) -> put(places, network, node.name(), part, List.of(node)));
                }
            }
        });
        return places;
    }

    private static void put(
            Map<String, Place> places, Network network, String name, GraphVertex vertex, List<Network.Node> nodes) {
        List<Shape> shapes = nodes.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(input -> nodes.stream().noneMatch(node -> node.name().equals(input)))
                .map(network::shape)
                .toList();
        List<Network.Step<Map<String, Source>>> steps = VertexReader.read(Graphs.thawed(vertex), shapes);
        if (steps.size() != nodes.size()) {
            throw new IllegalStateException(
                    "layer " + name + " of " + nodes.size() + " ops is read of DL4J as " + steps.size());
        }
        for (int i = 0; i < nodes.size(); i++) {
            places.put(nodes.get(i).name(), new Place(name, steps.get(i).parameters()));
        }
    }

    /** All of them, as {@link ParameterValues} has them; what is written to them reaches DL4J, copies by {@link #push}. */
    public Map<String, Map<String, INDArray>> values() {
        Map<String, Map<String, INDArray>> values = new LinkedHashMap<>();
        parameters.forEach(parameter -> values.computeIfAbsent(parameter.owner(), owner -> new LinkedHashMap<>())
                .put(parameter.name(), parameter.values()));
        return values;
    }

    /** What DL4J's arrays are called, as in {@code block1_conv1/W}. */
    public Set<String> names() {
        return parameters.stream()
                .map(parameter -> parameter.vertex() + "/" + parameter.source().name())
                .collect(Collectors.toSet());
    }

    /** Brings what was written to copies to DL4J. */
    public void push() {
        copies.forEach(Copy::push);
    }

    /** Brings what DL4J has changed to copies. */
    public void pull() {
        copies.forEach(Copy::pull);
    }

    /**
     * What belongs to the numbers of parameters, as an updater's state does, in our order.
     *
     * @param rows each as long as its parameter, in the order of DL4J's memory, by "vertex/parameter/number", DL4J's names
     * @return copies by "owner/parameter/number"
     */
    public Map<String, INDArray> ours(Map<String, INDArray> rows) {
        Map<String, INDArray> ours = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            String there = parameter.vertex() + "/" + parameter.source().name() + "/";
            INDArray row = rows.get(there + 0);
            for (int i = 0; row != null; i++, row = rows.get(there + i)) {
                ours.put(parameter.owner() + "/" + parameter.name() + "/" + i, parameter.oursOfRow(row));
            }
        }
        return ours;
    }

    /** The same the other way round; what is of none of the parameters, or of another length, stays as it is. */
    public Map<String, INDArray> dl4js(Map<String, INDArray> rows) {
        // a name may be a parameter's here, and another's there
        Map<String, INDArray> others = new LinkedHashMap<>(rows);
        Map<String, INDArray> theirs = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            String here = parameter.owner() + "/" + parameter.name() + "/";
            String there = parameter.vertex() + "/" + parameter.source().name() + "/";
            INDArray row = rows.get(here + 0);
            for (int i = 0; row != null && row.length() == parameter.kept().length(); i++, row = rows.get(here + i)) {
                others.remove(here + i);
                theirs.put(there + i, parameter.theirsOfRow(row));
            }
        }
        others.forEach(theirs::putIfAbsent);
        return theirs;
    }
}
