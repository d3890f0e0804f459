package org.transfer4j.internal.format.keras;

import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;

/**
 * The layout of {@code .h5} files from Keras 1 to 3: a group a layer, in the order of the attribute
 * {@code layer_names}, with its arrays in the order of the attribute {@code weight_names}. A whole model has it under
 * {@code model_weights}. A network used as a layer is one group with the arrays of all its layers, whose names are
 * then the last but one part of the arrays' names ("block1_conv1/kernel:0").
 */
final class LegacyLayout {
    private static final String MODEL = "model_weights";
    private static final String LAYERS = "layer_names";
    private static final String WEIGHTS = "weight_names";

    private final Hdf5 file;
    private final Map<String, List<StoredArray>> layers = new LinkedHashMap<>();
    private int arrays;

    private LegacyLayout(Hdf5 file) {
        this.file = file;
    }

    /** The layers, empty where the file has another layout. */
    static Optional<List<StoredLayer>> read(Hdf5 file) {
        Group model = file.find(file.root(), MODEL).orElse(file.root()) instanceof Group group ? group : file.root();
        LegacyLayout layout = new LegacyLayout(file);
        return layout.names(model, LAYERS).map(names -> layout.layers(model, names));
    }

    private List<StoredLayer> layers(Group model, List<String> names) {
        for (String name : eachOnce(LAYERS, names)) {
            if (!(file.find(model, name).orElse(null) instanceof Group group)) {
                throw new WeightsException(file.path(), "is damaged: it names a layer " + name + " and has none");
            }
            List<String> own = eachOnce(WEIGHTS, names(group, WEIGHTS).orElse(List.of()));
            arrays += own.size();
            KerasFile.requireCount(file, arrays);
            for (String array : own) {
                addArray(group, name, array);
            }
        }
        return layers.entrySet().stream()
                .map(layer -> new StoredLayer(layer.getKey(), true, "", layer.getValue()))
                .toList();
    }

    private List<String> eachOnce(String attribute, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new WeightsException(
                        file.path(), "is damaged: " + attribute + " has each name once, but twice " + name);
            }
        }
        return names;
    }

    private void addArray(Group group, String groupName, String arrayName) {
        if (!(file.find(group, arrayName).orElse(null) instanceof Dataset dataset)) {
            throw new WeightsException(
                    file.path(), "is damaged: layer " + groupName + " names weights " + arrayName + " and has none");
        }
        String layer = layerName(groupName, arrayName);
        layers.computeIfAbsent(layer, key -> new ArrayList<>()).add(new Hdf5Array(file, arrayName, dataset));
    }

    /** Early names have slashes ("conv1/bn" of DenseNet), for which Keras 3, which allows none, has underscores. */
    private static String layerName(String groupName, String arrayName) {
        int last = arrayName.lastIndexOf('/');
        String path = last < 0 ? groupName : arrayName.substring(0, last);
        return path.equals(groupName) ? groupName.replace('/', '_') : path.substring(path.lastIndexOf('/') + 1);
    }

    /** Long lists are split over several attributes, "layer_names0", "layer_names1" and so on. */
    private Optional<List<String>> names(Node node, String attribute) {
        Optional<List<String>> names = file.strings(node, attribute);
        if (names.isPresent()) {
            return names;
        }
        List<String> all = new ArrayList<>();
        Optional<List<String>> part = file.strings(node, attribute + 0);
        for (int i = 1; part.isPresent(); i++) {
            all.addAll(part.get());
            part = file.strings(node, attribute + i);
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }
}
