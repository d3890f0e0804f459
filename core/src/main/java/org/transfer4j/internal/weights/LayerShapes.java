package org.transfer4j.internal.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a layer of DL4J wants, parameter by parameter in Keras' order.
 *
 * @param name the layer
 * @param depthwise whether it is a depthwise convolution, whose kernel looks like another's and is not
 * @param shapes from DL4J's name of a parameter to its shape in DL4J
 */
record LayerShapes(String name, boolean depthwise, Map<String, long[]> shapes) {
    /** DL4J's name of a kernel. */
    static final String KERNEL = "W";

    /** Keras keeps kernel, bias and, for batch normalization, gamma, beta, moving mean, moving variance. */
    private static final List<String> ORDER = List.of(KERNEL, "b", "gamma", "beta", "mean", "var");

    /** Brings the parameters into Keras' order, whatever theirs is. */
    static LayerShapes of(String name, boolean depthwise, Map<String, long[]> shapes) {
        Map<String, long[]> ordered = new LinkedHashMap<>();
        for (String parameter : ORDER) {
            long[] shape = shapes.get(parameter);
            if (shape != null) {
                ordered.put(parameter, shape);
            }
        }
        if (ordered.size() != shapes.size()) {
            throw new IllegalArgumentException(
                    "layer " + name + " has parameters " + shapes.keySet() + ", known are " + ORDER);
        }
        return new LayerShapes(name, depthwise, ordered);
    }

    /** Whether it is a convolution, by its kernel. */
    boolean convolution() {
        long[] kernel = shapes.get(KERNEL);
        return kernel != null && kernel.length == 4;
    }

    boolean batchNormalization() {
        return shapes.containsKey("mean");
    }

    /** What differs between this and a layer of a file; empty where nothing does. */
    Optional<String> misfit(KerasLayer layer) {
        if (layer.arrays().size() != shapes.size()) {
            return Optional.of(name + " has " + layer.arrays().size() + " arrays, expected " + shapes.size() + " ("
                    + String.join(", ", shapes.keySet()) + ")");
        }
        List<String> wrong = new ArrayList<>();
        int i = 0;
        for (Map.Entry<String, long[]> wanted : shapes.entrySet()) {
            StoredArray array = layer.arrays().get(i++);
            long[] shape = KerasConversion.kerasShape(wanted.getKey(), depthwise, wanted.getValue());
            if (!array.hasShape(shape)) {
                wrong.add(name + " " + wanted.getKey() + " is of shape " + array.shapeText() + ", expected "
                        + Arrays.toString(shape));
            }
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
    }

    /** Reads the layer's values into DL4J's layout; they must fit. */
    Map<String, INDArray> read(KerasLayer layer) {
        Map<String, INDArray> parameters = new LinkedHashMap<>();
        int i = 0;
        for (Map.Entry<String, long[]> wanted : shapes.entrySet()) {
            long[] shape = wanted.getValue();
            float[] values =
                    layer.arrays().get(i++).read(KerasConversion.kerasShape(wanted.getKey(), depthwise, shape));
            parameters.put(wanted.getKey(), KerasConversion.toDl4j(values, depthwise, shape));
        }
        return parameters;
    }
}
