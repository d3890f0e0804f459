package org.transfer4j.internal.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.network.DependencyOrder;
import org.transfer4j.internal.weights.LayerArrays;

/**
 * A model's layers as a graph of DL4J, for one input size. What can't be converted is no fault as long as the features
 * do not need it: the top of a network is often of other layers than its body.
 */
final class GraphConversion {
    /** The layer that makes an image of the vector that global pooling gives. */
    private static final String RESHAPE = "Reshape";

    private final ModelDescription model;
    private final GraphWriter graph;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, WeightsException> faults = new HashMap<>();

    private GraphConversion(ModelDescription model, int height, int width) {
        this.model = model;
        this.graph = new GraphWriter(model.input(), height, width);
        values.put(model.input(), graph.input());
    }

    /** Converts what can be converted. */
    static GraphConversion whole(ModelDescription model, int height, int width) {
        GraphConversion conversion = new GraphConversion(model, height, width);
        model.layers().values().forEach(conversion::tryLayer);
        return conversion;
    }

    /** Converts a layer and what it needs, or fails. */
    static GraphConversion upTo(ModelDescription model, String layer, int height, int width) {
        GraphConversion conversion = new GraphConversion(model, height, width);
        Set<String> needed = DependencyOrder.of(List.of(layer), name -> inputs(model, name));
        needed.stream()
                .map(model.layers()::get)
                .filter(description -> description != null)
                .forEach(conversion::layer);
        return conversion;
    }

    private static List<String> inputs(ModelDescription model, String name) {
        LayerDescription layer = model.layers().get(name);
        return layer == null ? List.of() : layer.inputs();
    }

    private void tryLayer(LayerDescription layer) {
        try {
            if (layer.inputs().stream().allMatch(values::containsKey)) {
                layer(layer);
            }
        } catch (WeightsException e) {
            faults.put(layer.name(), e);
        }
    }

    private void layer(LayerDescription layer) {
        List<Value> inputs = new ArrayList<>();
        for (String name : layer.inputs()) {
            Value input = values.get(name);
            boolean image = input != null && (input.image() || layer.type().equals(RESHAPE));
            if (input == null || !image) {
                throw layer.refused("a backbone's layers take images, but " + name + " gives none");
            }
            inputs.add(input);
        }
        Optional<LayerConversion> conversion = LayerConversions.find(layer.type());
        if (conversion.isEmpty()) {
            throw layer.refused("this class of layer can't be computed. Those that can are "
                    + LayerConversions.supported()
                    + ", and Rescaling, Normalization and arithmetic with constants before the first of them");
        }
        values.put(layer.name(), conversion.get().convert(layer, inputs, graph));
    }

    /**
     * The last layer that gives images, on the way back from the output.
     *
     * @throws WeightsException if there is none, several, or a layer on the way that is neither converted nor of a top
     */
    String lastOfImages() {
        if (model.outputs().size() != 1) {
            throw refused("a backbone has one output, but it has " + model.outputs()
                    + "; upTo(layer) says where the backbone ends");
        }
        String name = model.outputs().get(0);
        while (!givesImages(name)) {
            LayerDescription layer = model.layers().get(name);
            if (layer == null) {
                throw refused("no layer of it gives images");
            }
            throwHardFault(layer);
            if (layer.inputs().size() != 1) {
                throw refused("above its images several branches meet, at " + name + " of " + layer.inputs()
                        + "; upTo(layer) says where the backbone ends");
            }
            name = layer.inputs().get(0);
        }
        return name;
    }

    private void throwHardFault(LayerDescription layer) {
        WeightsException fault = faults.get(layer.name());
        boolean onVector = layer.inputs().stream().noneMatch(this::isImage);
        if (fault != null
                && !onVector
                && !LayerConversions.isTop(layer.type())
                && !layer.type().equals(RESHAPE)) {
            throw fault;
        }
    }

    private boolean givesImages(String name) {
        return isImage(name) && !value(name).vertex().equals(model.input());
    }

    private boolean isImage(String name) {
        Value value = values.get(name);
        return value != null && value.image();
    }

    private WeightsException refused(String reason) {
        return new WeightsException(model.file(), "the model " + model.name() + " is no backbone: " + reason);
    }

    /** The vertex that computes a layer. */
    String vertex(String layer) {
        return value(layer).vertex();
    }

    ComputationGraphConfiguration build(String layer) {
        return graph.build(vertex(layer));
    }

    /** Refuses a layer that gives no images. */
    void requireImages(String layer) {
        if (!givesImages(layer)) {
            throw refused("features are images, but " + layer + " gives "
                    + value(layer).shape());
        }
    }

    private Value value(String layer) {
        @Nullable Value value = values.get(layer);
        if (value == null) {
            throw new IllegalArgumentException("no layer " + layer + " among " + values.keySet());
        }
        return value;
    }

    List<LayerArrays> stored() {
        return graph.stored();
    }

    long parameters() {
        return graph.parameters();
    }
}
