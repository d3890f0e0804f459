package org.transfer4j.internal.format.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.network.DependencyOrder;

/**
 * A model's layers as a graph of DL4J, for one input size. What can't be converted is no fault as long as the features
 * do not need it: the top of a network is often of other layers than its body. A top begins where images become vectors,
 * and no layer of it gives images.
 */
final class GraphConversion {
    /** The layer that makes an image of the vector that global pooling gives, and a vector of an image. */
    private static final String RESHAPE = "Reshape";

    private final ModelDescription model;
    private final GraphWriter graph;
    private final Map<String, Value> values = new HashMap<>();
    /** Layers that are computed from vectors or give them. */
    private final Set<String> top = new HashSet<>();
    /** Why layers were not converted, in the network's order; of a layer above another such there is none. */
    private final Map<String, WeightsException> faults = new LinkedHashMap<>();

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

    /** Converts a layer and what it needs, or fails at the first that can't be converted. */
    static GraphConversion upTo(ModelDescription model, String layer, int height, int width) {
        GraphConversion conversion = new GraphConversion(model, height, width);
        Set<String> needed = needed(model, layer);
        model.layers().values().stream()
                .filter(description -> needed.contains(description.name()))
                .forEach(conversion::layer);
        return conversion;
    }

    private static Set<String> needed(ModelDescription model, String layer) {
        return DependencyOrder.of(List.of(layer), name -> {
            LayerDescription description = model.layers().get(name);
            return description == null ? List.of() : description.inputs();
        });
    }

    private void tryLayer(LayerDescription layer) {
        if (!layer.inputs().stream().allMatch(name -> values.containsKey(name) || top.contains(name))) {
            return;
        }
        try {
            layer(layer);
        } catch (WeightsException e) {
            faults.put(layer.name(), e);
            if (isOfTop(layer)) {
                top.add(layer.name());
            }
        }
    }

    /** Whether a layer that was not converted makes vectors of images, or anything but images of vectors. */
    private boolean isOfTop(LayerDescription layer) {
        int rank = layer.type().equals(RESHAPE)
                ? layer.settings().path("target_shape").size()
                : 1;
        boolean flattens = layer.type().equals("Flatten") || layer.type().equals(RESHAPE);
        return rank == 1
                && !layer.inputs().isEmpty()
                && (flattens || layer.inputs().stream().noneMatch(this::isImage));
    }

    private void layer(LayerDescription layer) {
        if (layer.fault() != null) {
            throw layer.refused(layer.fault());
        }
        List<Value> inputs = new ArrayList<>();
        for (String name : layer.inputs()) {
            Value input = values.get(name);
            boolean image = input != null && (input.image() || layer.type().equals(RESHAPE));
            if (input == null || !image) {
                throw layer.refused("a backbone's layers take images, but " + name + " gives none");
            }
            inputs.add(input);
        }
        Optional<LayerConversions.LayerConversion> conversion = LayerConversions.find(layer.type());
        if (conversion.isEmpty()) {
            throw layer.refused("this class of layer can't be computed"
                    + (LayerConversions.isOfVectors(layer.type()) ? " on images" : "") + ". Those that can are "
                    + LayerConversions.supported()
                    + ", and Rescaling, Normalization and arithmetic with constants before the first of them;"
                    + " upTo(layer) ends the backbone below");
        }
        values.put(layer.name(), conversion.get().convert(layer, inputs, graph));
    }

    /**
     * Where the features end.
     *
     * @param layer the last layer that gives images
     * @param averaged whether the model's own top takes the mean or the maximum of them, or flattens them; empty where it
     *     has none
     */
    record End(String layer, Optional<Boolean> averaged) {}

    /**
     * The last layer that gives images, on the way back from the output.
     *
     * @throws WeightsException if there is none, or several; or that of the first layer that can't be converted, where it
     *     is not of the top
     */
    End lastOfImages() {
        if (model.outputs().size() != 1) {
            throw refused("a backbone has one output, but it has " + model.outputs()
                    + "; upTo(layer) says where the backbone ends");
        }
        String name = model.outputs().get(0);
        Optional<Boolean> averaged = Optional.empty();
        while (!givesImages(name)) {
            LayerDescription layer = model.layers().get(name);
            if (layer == null) {
                throw refused("no layer of it gives images");
            }
            if (!top.contains(name) && !values.containsKey(name)) {
                throw firstFault(name);
            }
            if (layer.inputs().size() != 1) {
                throw refused("above its images several branches meet, at " + name + " of " + layer.inputs()
                        + "; upTo(layer) says where the backbone ends");
            }
            averaged = Optional.of(LayerConversions.isGlobalPooling(layer.type()));
            name = layer.inputs().get(0);
        }
        String last = averaged.isEmpty() ? name : belowGlobalPooling(name);
        return last.equals(name) ? new End(name, averaged) : new End(last, Optional.of(true));
    }

    /** A top may begin with a pooling that keeps images, of one pixel, and go on with convolutions, as MobileNet's does. */
    private String belowGlobalPooling(String last) {
        String name = last;
        while (value(name).pixel()) {
            LayerDescription layer = model.layers().get(name);
            if (layer == null || layer.inputs().size() != 1) {
                return last;
            }
            name = layer.inputs().get(0);
            if (LayerConversions.isGlobalPooling(layer.type()) && givesImages(name)) {
                return name;
            }
        }
        return last;
    }

    private WeightsException firstFault(String name) {
        Set<String> needed = needed(model, name);
        return faults.entrySet().stream()
                .filter(fault -> needed.contains(fault.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(name + " lacks something, but no layer below is at fault"));
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

    List<KerasModelWeights.LayerArrays> stored() {
        return graph.stored();
    }

    long parameters() {
        return graph.parameters();
    }
}
