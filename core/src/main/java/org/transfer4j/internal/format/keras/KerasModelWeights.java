package org.transfer4j.internal.format.keras;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.format.StoredArray;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.weights.WeightsLoader;

/**
 * The weights of a model from the file that describes it. The file knows which layers there are and what they are
 * called, so that, other than with {@link WeightsLoader}, layers that nobody asks for are no sign of another network.
 */
final class KerasModelWeights {
    private static final int MOST_LISTED = 5;

    private final Path path;
    private final Map<String, List<StoredLayer>> layers = new HashMap<>();

    private KerasModelWeights(Path path) {
        this.path = path;
        for (StoredLayer layer : KerasFile.layers(KerasModelFile.weights(path))) {
            if (!layer.named()) {
                throw new WeightsException(
                        path,
                        "does not tell the names of its layers, as files of the first versions of Keras 3: load the model"
                                + " with a later version and save it again");
            }
            layers.computeIfAbsent(layer.name(), name -> new ArrayList<>()).add(layer);
        }
    }

    /** Reads names and shapes. */
    static KerasModelWeights open(Path path) {
        return new KerasModelWeights(path);
    }

    /**
     * The values of one array of a layer.
     *
     * @param layer the layer's name
     * @param index which of its arrays
     * @param length how many values it must have, in one dimension
     */
    float[] vector(String layer, int index, int length) {
        List<StoredArray> arrays = arrays(layer);
        if (index >= arrays.size()) {
            throw new WeightsException(path, layer + " has " + arrays.size() + " arrays, expected more than " + index);
        }
        return arrays.get(index).read(length);
    }

    /**
     * Reads layers.
     *
     * @param stored what the file must hold of them
     * @param expected their parameters by DL4J's names, with their shapes in DL4J
     * @return arrays of those names and shapes: float, C order, owned by the caller
     * @throws WeightsException if the file lacks one or has it in another shape
     */
    Map<String, Map<String, INDArray>> load(List<LayerArrays> stored, Map<String, Map<String, long[]>> expected) {
        Map<String, LayerArrays> known = new HashMap<>();
        stored.forEach(layer -> known.put(layer.name(), layer));
        List<String> faults = new ArrayList<>();
        expected.forEach((name, shapes) -> check(known(known, name), shapes, faults));
        if (!faults.isEmpty()) {
            String listed = String.join("; ", faults.subList(0, Math.min(MOST_LISTED, faults.size())));
            throw new WeightsException(
                    path,
                    "its weights do not fit its configuration (shapes are Keras'): " + listed
                            + (faults.size() > MOST_LISTED ? " and " + (faults.size() - MOST_LISTED) + " more" : ""));
        }
        Map<String, Map<String, INDArray>> values = new LinkedHashMap<>();
        expected.forEach((name, shapes) -> values.put(name, read(known(known, name), shapes)));
        return values;
    }

    private static LayerArrays known(Map<String, LayerArrays> known, String name) {
        LayerArrays layer = known.get(name);
        if (layer == null) {
            throw new IllegalArgumentException("nobody said what a file holds of the layer " + name);
        }
        return layer;
    }

    private List<StoredArray> arrays(String name) {
        List<StoredLayer> found = layers.getOrDefault(name, List.of());
        if (found.size() != 1) {
            throw new WeightsException(
                    path, "holds weights of " + found.size() + " layers called " + name + ", expected 1");
        }
        return found.get(0).arrays();
    }

    private void check(LayerArrays layer, Map<String, long[]> shapes, List<String> faults) {
        List<StoredArray> arrays = arrays(layer.name());
        if (arrays.size() != layer.parameters().size()) {
            faults.add(layer.name() + " has " + arrays.size() + " arrays, expected "
                    + layer.parameters().size());
            return;
        }
        for (int i = 0; i < arrays.size(); i++) {
            String parameter = layer.parameters().get(i);
            long[] wanted = kerasShape(layer, parameter, shape(shapes, parameter));
            if (!arrays.get(i).hasShape(wanted)) {
                faults.add(arrays.get(i).name() + " is of shape "
                        + arrays.get(i).shapeText() + ", expected " + Arrays.toString(wanted));
            }
        }
    }

    private Map<String, INDArray> read(LayerArrays layer, Map<String, long[]> shapes) {
        List<StoredArray> arrays = arrays(layer.name());
        Map<String, INDArray> values = new LinkedHashMap<>();
        shapes.forEach((parameter, shape) -> {
            int index = layer.parameters().indexOf(parameter);
            if (index < 0) {
                // Keras leaves out the scale or the shift of a batch normalization that has none
                values.put(parameter, parameter.equals("gamma") ? Nd4j.ones(shape) : Nd4j.zeros(shape));
                return;
            }
            long[] stored = kerasShape(layer, parameter, shape);
            INDArray array = Nd4j.create(arrays.get(index).read(stored), stored, 'c');
            values.put(
                    parameter,
                    sameOrder(layer, parameter, shape)
                            ? array.reshape('c', shape)
                            : array.permute(3, 2, 0, 1).dup('c'));
        });
        return values;
    }

    private static long[] shape(Map<String, long[]> shapes, String parameter) {
        long[] shape = shapes.get(parameter);
        if (shape == null) {
            throw new IllegalArgumentException("no parameter " + parameter + " among " + shapes.keySet());
        }
        return shape;
    }

    private static boolean sameOrder(LayerArrays layer, String parameter, long[] dl4j) {
        return dl4j.length != 4 || (layer.depthwise() && parameter.equals(LayerShapes.KERNEL));
    }

    private static long[] kerasShape(LayerArrays layer, String parameter, long[] dl4j) {
        if (dl4j.length == 4) {
            return sameOrder(layer, parameter, dl4j) ? dl4j.clone() : new long[] {dl4j[2], dl4j[3], dl4j[1], dl4j[0]};
        }
        return new long[] {dl4j[dl4j.length - 1]};
    }

    /**
     * What a file of Keras holds of a layer that DL4J computes.
     *
     * @param name the layer
     * @param parameters DL4J's names of its arrays, in Keras' order; gamma or beta are not there where Keras has none
     * @param depthwise whether its kernel "W" is that of a depthwise convolution: [height, width, in, multiplier] in both
     */
    record LayerArrays(String name, List<String> parameters, boolean depthwise) {
        /** Copies the list. */
        public LayerArrays {
            parameters = List.copyOf(parameters);
        }
    }
}
