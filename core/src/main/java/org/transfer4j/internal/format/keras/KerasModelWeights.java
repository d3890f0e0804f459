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
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.format.keras.GraphConversion.StoredParameter;
import org.transfer4j.internal.network.Op;

/**
 * The weights of a model from the file that describes it. The file knows which layers there are and what they are
 * called, so that, other than with weights from elsewhere, layers that nobody asks for are no sign of another network.
 */
final class KerasModelWeights {
    private final Path path;
    private final Map<String, List<StoredLayer>> layers = new HashMap<>();

    /** Reads names and shapes. */
    KerasModelWeights(Path path, Hdf5 file) {
        this.path = path;
        for (StoredLayer layer : KerasFile.layers(file)) {
            if (!layer.named()) {
                throw new WeightsException(
                        path,
                        "does not tell the names of its layers, as files of the first versions of Keras 3: load the model"
                                + " with a later version and save it again");
            }
            layers.computeIfAbsent(layer.name(), name -> new ArrayList<>()).add(layer);
        }
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
     * @param wanted what the file must hold of each, in Keras' order
     * @return by node and parameter, in the op's shapes: float, C order, owned by the caller
     * @throws WeightsException if the file lacks one or has it in another shape
     */
    Map<String, Map<String, INDArray>> read(Map<String, List<StoredParameter>> wanted) {
        List<String> faults = new ArrayList<>();
        wanted.forEach((layer, parameters) -> check(layer, parameters, faults));
        if (!faults.isEmpty()) {
            throw new WeightsException(
                    path,
                    "its weights do not fit its configuration (shapes are Keras'): "
                            + WeightsFile.listed("; ", faults));
        }
        Map<String, Map<String, INDArray>> values = new HashMap<>();
        wanted.forEach((layer, parameters) -> {
            for (int i = 0; i < parameters.size(); i++) {
                StoredParameter parameter = parameters.get(i);
                values.computeIfAbsent(parameter.node().name(), node -> new LinkedHashMap<>())
                        .put(parameter.name(), read(arrays(layer).get(i), parameter));
            }
        });
        return values;
    }

    private List<StoredArray> arrays(String name) {
        List<StoredLayer> found = layers.getOrDefault(name, List.of());
        if (found.size() != 1) {
            throw new WeightsException(
                    path, "holds weights of " + found.size() + " layers called " + name + ", expected 1");
        }
        return found.get(0).arrays();
    }

    private void check(String layer, List<StoredParameter> parameters, List<String> faults) {
        List<StoredArray> arrays = arrays(layer);
        if (arrays.size() != parameters.size()) {
            faults.add(layer + " has " + arrays.size() + " arrays, expected " + parameters.size());
            return;
        }
        for (int i = 0; i < arrays.size(); i++) {
            long[] wanted = kerasShape(parameters.get(i));
            if (!arrays.get(i).hasShape(wanted)) {
                faults.add(arrays.get(i).name() + " is of shape "
                        + arrays.get(i).shapeText() + ", expected " + Arrays.toString(wanted));
            }
        }
    }

    /** Keras has its kernels' outputs last, and of depthwise kernels the inputs before how often each is used. */
    private static long[] kerasShape(StoredParameter parameter) {
        if (!(parameter.node().op() instanceof Op.Convolution op)
                || !parameter.name().equals(Op.WEIGHTS)) {
            return parameter.shape().toArray();
        }
        int height = op.window().kernel().height();
        int width = op.window().kernel().width();
        boolean depthwise =
                op.groups() == op.inputs() && !parameter.node().kind().equals("Conv2D");
        return depthwise
                ? new long[] {height, width, op.inputs(), op.outputs() / op.inputs()}
                : new long[] {height, width, op.inputs() / op.groups(), op.outputs()};
    }

    private static INDArray read(StoredArray array, StoredParameter parameter) {
        float[] values = array.read(kerasShape(parameter));
        long[] shape = parameter.shape().toArray();
        boolean kernel = parameter.name().equals(Op.WEIGHTS);
        return Nd4j.create(kernel ? KerasFile.outputsFirst(values, shape) : values, shape, 'c');
    }
}
