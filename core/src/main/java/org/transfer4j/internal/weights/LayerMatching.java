package org.transfer4j.internal.weights;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.TorchArrays;
import org.transfer4j.internal.network.Op;

/**
 * Finds the layers of a network in a file: by name, or, in a file without names, by kind and order. Layers above the
 * network's last are its former top and are ignored; a layer between its own means that the file is of another network.
 */
final class LayerMatching {
    /** What Keras 3 calls groups after two of its classes. */
    private static final String CONVOLUTION = "conv2d";

    private static final String DEPTHWISE = "depthwise_conv2d";

    private final WeightsFile file;
    private final NetworkLayers network;
    private final boolean torch;

    /** What the file calls layers that it calls otherwise. */
    private final Map<String, String> names;

    /** Whether the file's layers are in the order of its network, which PyTorch's are not. */
    private final boolean inOrder;

    /** Layers of the file that are found, also as one of two parts. */
    private final Set<StoredLayer> used = new HashSet<>();

    LayerMatching(WeightsFile file, NetworkLayers network) {
        this.file = file;
        this.network = network;
        this.torch = file.layout() instanceof TorchArrays;
        this.names = torch ? torchNames(file, network) : Map.of();
        // what PyTorch calls otherwise, this library has written
        boolean own = !network.torchNames().isEmpty() && !network.torchNames().contains(names);
        this.inOrder = own || !torch;
    }

    /** The wanted layers with those of the file, in the wanted order. */
    Map<LayerShapes, StoredLayer> match() {
        Map<LayerShapes, StoredLayer> found = byName();
        if (found.isEmpty() && file.layers().stream().anyMatch(layer -> !layer.named())) {
            found = byOrder();
        }
        List<String> missing = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (LayerShapes layer : network.wanted()) {
            StoredLayer match = found.get(layer);
            if (match == null) {
                String name = nameOf(layer.name());
                missing.add(layer.name().equals(name) ? name : layer.name() + " (looked for as " + name + ")");
            } else {
                layer.misfit(match, file.layout()).ifPresent(faults::add);
            }
        }
        if (!missing.isEmpty()) {
            faults.add(0, "missing: " + WeightsFile.listed(", ", missing));
        }
        Set<StoredLayer> matched = new HashSet<>(found.values());
        matched.addAll(used);
        List<String> extra = inOrder ? between(matched) : besides(matched);
        if (!extra.isEmpty()) {
            faults.add("not in the network: " + WeightsFile.listed(", ", extra));
        }
        if (!faults.isEmpty()) {
            throw misfit(faults);
        }
        if (torch) {
            TimmVariant.check(file, network, otherVariant());
        }
        return found;
    }

    private WeightsException misfit(List<String> faults) {
        String hint = torch && network.torchNames().isEmpty()
                ? "; the backbone does not say how PyTorch calls its layers (Backbone.Builder.torchNames)"
                : "";
        return new WeightsException(
                file.path(),
                otherNetwork() + "does not fit the network (shapes are "
                        + file.layout().owner() + "'s): " + WeightsFile.listed("; ", faults)
                        + "; the file's layers: "
                        + WeightsFile.listed(
                                ", ",
                                file.layers().stream().map(StoredLayer::name).toList())
                        + "; the network's: "
                        + WeightsFile.listed(
                                ", ",
                                network.wanted().stream().map(LayerShapes::name).toList()) + hint + renamed());
    }

    /** What Keras does to the names of a network that is built twice in a program. */
    private String renamed() {
        List<StoredLayer> stored = file.layers();
        List<LayerShapes> wanted = network.wanted();
        boolean fits =
                !torch && stored.size() == wanted.size() && stored.stream().allMatch(StoredLayer::named);
        for (int i = 0; fits && i < wanted.size(); i++) {
            fits = wanted.get(i).misfit(stored.get(i), file.layout()).isEmpty();
        }
        return fits
                ? "; only the names differ: give the layers the same names in Keras, where automatic ones such as"
                        + " conv2d_1 count on in one program until keras.backend.clear_session()"
                : "";
    }

    /** The backbone of the network that is called as the file's, but pads otherwise than this one. */
    private Optional<String> otherVariant() {
        int other = network.padsAtTheEnd() ? 1 : 0;
        return KnownNetworks.of(stored())
                .map(KnownNetworks.Known::backbones)
                .filter(backbones -> backbones.size() > 1)
                .map(backbones -> backbones.get(other));
    }

    private Map<String, KnownNetworks.Kernel> stored() {
        Map<String, KnownNetworks.Kernel> stored = new HashMap<>();
        for (StoredLayer layer : file.layers()) {
            long[] shape = layer.arrays().get(0).shape();
            boolean kernel = shape.length == 4;
            stored.put(
                    layer.name(),
                    new KnownNetworks.Kernel(
                            kernel ? shape[torch ? 1 : 2] : 0,
                            kernel ? shape[torch ? 0 : 3] : 0,
                            layer.arrays().size()));
        }
        return stored;
    }

    /** Names the network that the file is of, where that is known and another than the one that wants weights. */
    private String otherNetwork() {
        Map<String, KnownNetworks.Kernel> wanted = new HashMap<>();
        network.all().forEach(name -> wanted.put(nameOf(name), new KnownNetworks.Kernel(0, 0, 0)));
        for (LayerShapes layer : network.wanted()) {
            List<Long> kernel = layer.kernel()
                    .filter(parameter -> kind(layer).equals(CONVOLUTION))
                    .map(parameter -> parameter.shape().sizes())
                    .orElse(List.of(0L, 0L));
            wanted.put(
                    nameOf(layer.name()),
                    new KnownNetworks.Kernel(
                            kernel.get(1), kernel.get(0), layer.parameters().size()));
        }
        Optional<KnownNetworks.Known> own = KnownNetworks.of(wanted);
        return KnownNetworks.of(stored())
                .filter(known -> own.filter(known::equals).isEmpty())
                .map(known -> "is of " + known + "; it ")
                .orElse("");
    }

    /** What the file calls a layer. */
    private String nameOf(String layer) {
        return names.getOrDefault(layer, layer);
    }

    /** Of several ways to call layers, the one that finds most; this library writes them as they are called here. */
    private static Map<String, String> torchNames(WeightsFile file, NetworkLayers network) {
        Set<String> modules = new HashSet<>();
        file.layers().forEach(layer -> modules.add(layer.name()));
        Map<String, String> best = Map.of();
        long most = -1;
        List<Map<String, String>> known = new ArrayList<>(network.torchNames());
        known.add(Map.of());
        for (Map<String, String> names : known) {
            long count = network.wanted().stream()
                    .filter(layer -> modules.containsAll(layer.modules(names.getOrDefault(layer.name(), layer.name()))))
                    .count();
            if (count > most) {
                most = count;
                best = names;
            }
        }
        return best;
    }

    private Map<LayerShapes, StoredLayer> byName() {
        Map<String, StoredLayer> stored = new HashMap<>();
        Set<String> doubles = new HashSet<>();
        for (StoredLayer layer : file.layers()) {
            if (stored.putIfAbsent(layer.name(), layer) != null) {
                doubles.add(layer.name());
            }
        }
        Map<LayerShapes, StoredLayer> found = new LinkedHashMap<>();
        for (LayerShapes layer : network.wanted()) {
            String name = nameOf(layer.name());
            List<StoredLayer> parts = new ArrayList<>();
            List<String> modules = torch ? layer.modules(name) : List.of(name);
            for (String module : modules) {
                if (doubles.contains(module)) {
                    throw new WeightsException(file.path(), "holds two layers called " + module);
                }
                StoredLayer part = stored.get(module);
                if (part != null) {
                    parts.add(part);
                }
            }
            if (parts.size() == modules.size()) {
                used.addAll(parts);
                found.put(layer, parts.size() == 1 ? parts.get(0) : joined(name, parts));
            }
        }
        return found;
    }

    private static StoredLayer joined(String name, List<StoredLayer> parts) {
        return new StoredLayer(
                name,
                true,
                parts.get(0).sequence(),
                parts.stream().flatMap(part -> part.arrays().stream()).toList());
    }

    private Map<LayerShapes, StoredLayer> byOrder() {
        Map<String, Queue<StoredLayer>> kinds = new HashMap<>();
        for (StoredLayer layer : file.layers()) {
            kinds.computeIfAbsent(kind(layer), kind -> new ArrayDeque<>()).add(layer);
        }
        Map<LayerShapes, StoredLayer> found = new LinkedHashMap<>();
        for (LayerShapes layer : network.wanted()) {
            String kind = kind(layer);
            // Keras has a Conv2D with a group a channel as well; beside others of their own class nothing tells which
            // it is
            boolean grouped = kind.equals(DEPTHWISE) && !kinds.containsKey(DEPTHWISE);
            Queue<StoredLayer> candidates = kinds.get(grouped ? CONVOLUTION : kind);
            if (candidates != null && !candidates.isEmpty()) {
                found.put(layer, candidates.remove());
            }
        }
        return found;
    }

    /** The class of layer as the groups of Keras 3 are called. */
    private static String kind(StoredLayer layer) {
        return layer.sequence().substring(layer.sequence().lastIndexOf('/') + 1);
    }

    private static String kind(LayerShapes layer) {
        if (layer.isSeparable()) {
            return "separable_conv2d";
        }
        Op op = layer.parameters().get(0).op();
        if (op instanceof Op.Convolution convolution) {
            return convolution.isDepthwise() ? DEPTHWISE : CONVOLUTION;
        }
        if (op instanceof Op.Foreign) {
            // as far as shapes tell
            int rank =
                    layer.kernel().map(kernel -> kernel.shape().sizes().size()).orElse(0);
            return rank == 4 ? CONVOLUTION : rank == 2 ? "dense" : "batch_normalization";
        }
        return op instanceof Op.Dense ? "dense" : op instanceof Op.Slopes ? "p_re_lu" : "batch_normalization";
    }

    /** Layers that stand before one of the network's in the same sequence and are none of them. */
    private List<String> between(Set<StoredLayer> matched) {
        Map<String, Integer> last = new HashMap<>();
        List<StoredLayer> layers = file.layers();
        for (int i = 0; i < layers.size(); i++) {
            if (matched.contains(layers.get(i))) {
                last.put(layers.get(i).sequence(), i);
            }
        }
        List<String> extra = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            StoredLayer layer = layers.get(i);
            if (!matched.contains(layer)
                    && !network.all().contains(layer.name())
                    && i < last.getOrDefault(layer.sequence(), -1)) {
                extra.add(layer.name());
            }
        }
        return extra;
    }

    /**
     * Modules of PyTorch that are none of the network's, but stand in a part of it: their names begin as those of modules
     * that are. A top is a part of its own ("fc", "classifier.0", "head.fc", "pre_logits.fc1").
     */
    private List<String> besides(Set<StoredLayer> matched) {
        Set<String> parts = new HashSet<>();
        matched.forEach(layer -> parts.add(part(layer)));
        return file.layers().stream()
                .filter(layer -> parts.contains(part(layer)))
                .filter(layer -> !matched.contains(layer)
                        && !names.containsValue(layer.name())
                        && !network.all().contains(layer.name()))
                .map(StoredLayer::name)
                .toList();
    }

    private static String part(StoredLayer layer) {
        int dot = layer.name().indexOf('.');
        return dot < 0 ? layer.name() : layer.name().substring(0, dot);
    }
}
