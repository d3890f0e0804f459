package org.transfer4j.internal.format.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.keras.LayerConversion.Value;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/**
 * A model's layers as nodes of a network, for one input size. What can't be converted is no fault as long as the features
 * do not need it: the top of a network is often of other layers than its body. A top begins where images become vectors,
 * and no layer of it gives images.
 */
final class GraphConversion {
    /** The layer that makes an image of the vector that global pooling gives, and a vector of an image. */
    private static final String RESHAPE = "Reshape";

    private static final String MULTIPLY = "Multiply";

    private final ModelDescription model;
    private final Extent images;
    private final Network.Builder network;
    private final Map<String, Value> values = new HashMap<>();
    /** Layers that are computed from vectors or give them. */
    private final Set<String> top = new HashSet<>();
    /** Why layers were not converted, in the network's order; of a layer above another such there is none. */
    private final Map<String, WeightsException> faults = new LinkedHashMap<>();

    private final Map<String, List<StoredParameter>> stored = new LinkedHashMap<>();

    /** Layers that make factors of channels of what is pooled, as squeeze-and-excite has it. */
    private final Set<String> gates = new HashSet<>();

    /** A parameter of a node of which a file has the values. */
    record StoredParameter(Network.Node node, String name) {
        Shape shape() {
            return node.op().parameter(name);
        }
    }

    private GraphConversion(ModelDescription model, int height, int width) {
        this.model = model;
        this.images = new Extent(height, width);
        Shape shape = Shape.image(3, images);
        this.network = new Network.Builder(model.input(), shape);
        values.put(model.input(), new Value(model.input(), shape, true));
        model.layers().values().stream()
                .filter(layer -> layer.type().equals(MULTIPLY))
                .flatMap(layer -> layer.inputs().stream())
                .forEach(this::addGate);
    }

    /** Down from what images are multiplied by to what is pooled, where an image of one pixel is made on the way. */
    private void addGate(String factors) {
        Set<String> way = new LinkedHashSet<>();
        boolean pixel = false;
        @Nullable LayerDescription layer = model.layers().get(factors);
        while (layer != null
                && layer.inputs().size() == 1
                && LayerConversion.isOfGates(layer.type())
                && way.add(layer.name())) {
            pixel |= layer.type().equals(RESHAPE);
            layer = model.layers().get(layer.inputs().get(0));
        }
        if (layer != null
                && LayerConversion.isGlobalPooling(layer.type())
                && (pixel || layer.settings().path("keepdims").asBoolean())) {
            gates.addAll(way);
        }
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
        return Network.inOrder(List.of(layer), name -> {
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
            boolean image =
                    input != null && (input.image() || layer.type().equals(RESHAPE) || gates.contains(layer.name()));
            if (input == null || !image) {
                throw layer.refused("a backbone's layers take images, but " + name + " gives none");
            }
            inputs.add(input);
        }
        LayerConversion conversion = LayerConversion.of(layer, inputs, images, gates.contains(layer.name()));
        List<Network.Node> nodes = network.addLayer(
                layer.name(),
                conversion.steps(),
                inputs.stream().map(Value::node).toList(),
                name -> name.equals(model.input()) || model.layers().containsKey(name));
        for (int i = 0; i < nodes.size(); i++) {
            Network.Node node = nodes.get(i);
            for (String parameter : conversion.steps().get(i).parameters()) {
                stored.computeIfAbsent(layer.name(), name -> new ArrayList<>())
                        .add(new StoredParameter(node, parameter));
            }
        }
        values.put(layer.name(), conversion.value());
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
            averaged = Optional.of(LayerConversion.isGlobalPooling(layer.type()));
            name = layer.inputs().get(0);
        }
        String last = averaged.isEmpty() ? name : belowGlobalPooling(name);
        return last.equals(name) ? new End(name, averaged) : new End(last, Optional.of(true));
    }

    /** A top may begin with a pooling that keeps images, of one pixel, and go on with convolutions, as MobileNet's does. */
    private String belowGlobalPooling(String last) {
        String name = last;
        while (value(name).shape().isPixel()) {
            LayerDescription layer = model.layers().get(name);
            if (layer == null || layer.inputs().size() != 1) {
                return last;
            }
            name = layer.inputs().get(0);
            if (LayerConversion.isGlobalPooling(layer.type()) && givesImages(name)) {
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

    /** The first layer that could end a backbone. */
    Optional<String> anyImages() {
        return model.layers().keySet().stream().filter(this::givesImages).findFirst();
    }

    private boolean givesImages(String name) {
        return isImage(name) && !value(name).node().equals(model.input());
    }

    private boolean isImage(String name) {
        Value value = values.get(name);
        return value != null && value.image();
    }

    private WeightsException refused(String reason) {
        return new WeightsException(model.file(), "the model " + model.name() + " is no backbone: " + reason);
    }

    /** The network up to a layer, whose last node has the layer's name. */
    Network network(String layer) {
        String node = value(layer).node();
        if (!node.equals(layer)) {
            // a layer that does nothing to a trained network has no node
            network.add(layer, layer, "Activation", new Op.Activate(Activation.IDENTITY), List.of(node));
        }
        return network.build(layer);
    }

    /** Refuses a layer that gives no images. */
    void requireImages(String layer) {
        if (!givesImages(layer)) {
            throw refused("features are images, but " + layer + " gives "
                    + value(layer).text());
        }
    }

    private Value value(String layer) {
        @Nullable Value value = values.get(layer);
        if (value == null) {
            throw new IllegalArgumentException("no layer " + layer + " among " + values.keySet());
        }
        return value;
    }

    /** What the file has of the layers, in Keras' order. */
    Map<String, List<StoredParameter>> stored() {
        return stored;
    }

    /** The number of all layers' parameters. No single layer is large enough for a sum that overflows. */
    long parameters() {
        return stored.values().stream()
                .flatMap(List::stream)
                .mapToLong(parameter -> parameter.shape().elements())
                .sum();
    }
}
