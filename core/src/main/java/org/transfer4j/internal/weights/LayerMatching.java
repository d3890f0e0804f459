package org.transfer4j.internal.weights;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.transfer4j.error.WeightsException;

/**
 * Finds the layers of a network in a file: by name, or, in a file without names, by kind and order. Layers above the
 * network's last are its former top and are ignored, as are the means and variances of Keras' Normalization layers, which
 * are preprocessing; any other layer between its own means that the file is of another network.
 */
final class LayerMatching {
    private static final int MOST_LISTED = 5;

    private final KerasFile file;
    private final List<LayerShapes> wanted;

    LayerMatching(KerasFile file, List<LayerShapes> wanted) {
        this.file = file;
        this.wanted = wanted;
    }

    /** The wanted layers with those of the file, in the wanted order. */
    Map<LayerShapes, KerasLayer> match() {
        Map<LayerShapes, KerasLayer> found = byName();
        if (found.isEmpty() && file.layers().stream().anyMatch(layer -> !layer.named())) {
            found = byOrder();
        }
        List<String> missing = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (LayerShapes layer : wanted) {
            KerasLayer match = found.get(layer);
            if (match == null) {
                missing.add(layer.name());
            } else {
                layer.misfit(match).ifPresent(faults::add);
            }
        }
        if (!missing.isEmpty()) {
            faults.add(0, "missing: " + listed(", ", missing));
        }
        List<String> extra = between(new HashSet<>(found.values()));
        if (!extra.isEmpty()) {
            faults.add("not in the network: " + listed(", ", extra));
        }
        if (!faults.isEmpty()) {
            List<String> names = file.layers().stream().map(KerasLayer::name).toList();
            throw new WeightsException(
                    file.path(),
                    "does not fit the network (shapes are Keras'): " + listed("; ", faults) + "; the file's layers: "
                            + listed(", ", names));
        }
        return found;
    }

    private Map<LayerShapes, KerasLayer> byName() {
        Map<String, KerasLayer> names = new HashMap<>();
        Set<String> doubles = new HashSet<>();
        for (KerasLayer layer : file.layers()) {
            if (names.putIfAbsent(layer.name(), layer) != null) {
                doubles.add(layer.name());
            }
        }
        Map<LayerShapes, KerasLayer> found = new LinkedHashMap<>();
        for (LayerShapes layer : wanted) {
            if (doubles.contains(layer.name())) {
                throw new WeightsException(file.path(), "holds two layers called " + layer.name());
            }
            KerasLayer match = names.get(layer.name());
            if (match != null) {
                found.put(layer, match);
            }
        }
        return found;
    }

    private Map<LayerShapes, KerasLayer> byOrder() {
        Map<String, List<KerasLayer>> kinds = new HashMap<>();
        for (KerasLayer layer : file.layers()) {
            kinds.computeIfAbsent(kind(layer), kind -> new ArrayList<>()).add(layer);
        }
        Map<String, Integer> used = new HashMap<>();
        Map<LayerShapes, KerasLayer> found = new LinkedHashMap<>();
        for (LayerShapes layer : wanted) {
            List<KerasLayer> candidates = kinds.getOrDefault(kind(layer), List.of());
            int next = used.merge(kind(layer), 1, Integer::sum) - 1;
            if (next < candidates.size()) {
                found.put(layer, candidates.get(next));
            }
        }
        return found;
    }

    /** The class of layer as the groups of Keras 3 are called. */
    private static String kind(KerasLayer layer) {
        return layer.sequence().substring(layer.sequence().lastIndexOf('/') + 1);
    }

    private static String kind(LayerShapes layer) {
        if (layer.batchNormalization()) {
            return "batch_normalization";
        }
        if (layer.depthwise()) {
            return "depthwise_conv2d";
        }
        return layer.convolution() ? "conv2d" : "dense";
    }

    /** Layers that stand before one of the network's in the same sequence and are none of them. */
    private List<String> between(Set<KerasLayer> matched) {
        Map<String, Integer> last = new HashMap<>();
        List<KerasLayer> layers = file.layers();
        for (int i = 0; i < layers.size(); i++) {
            if (matched.contains(layers.get(i))) {
                last.put(layers.get(i).sequence(), i);
            }
        }
        List<String> extra = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            KerasLayer layer = layers.get(i);
            if (!matched.contains(layer) && !layer.normalizesInput() && i < last.getOrDefault(layer.sequence(), -1)) {
                extra.add(layer.name());
            }
        }
        return extra;
    }

    private static String listed(String separator, List<String> items) {
        String head = String.join(separator, items.subList(0, Math.min(MOST_LISTED, items.size())));
        return items.size() <= MOST_LISTED ? head : head + " and " + (items.size() - MOST_LISTED) + " more";
    }
}
