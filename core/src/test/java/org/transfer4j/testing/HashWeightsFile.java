package org.transfer4j.testing;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.transfer4j.internal.network.Network;

/**
 * Writes {@link HashWeights} as {@code vgg16_weights_tf_dim_ordering_tf_kernels.h5} holds its weights, so that tests of
 * full-size networks read them as they would read Keras' own.
 */
public final class HashWeightsFile {
    private HashWeightsFile() {}

    /**
     * Writes the weights of full-size VGG16 without top: 59 MB.
     *
     * @param file the file to make
     * @return the file
     */
    public static Path vgg16(Path file) {
        return write(file, VggKernels.shapes(1), 1);
    }

    /**
     * Writes one dense layer.
     *
     * @param file the file to make
     * @param layer its name
     * @param factor what the kernel's bound is multiplied by
     * @param inputs how many values it takes, in Keras' order
     * @param units how many values it gives
     * @return the file
     */
    public static Path dense(Path file, String layer, double factor, long inputs, long units) {
        return write(file, Map.of(layer, new long[] {inputs, units}), factor);
    }

    /**
     * Writes the weights of a network of convolutions and batch normalizations.
     *
     * @param file the file to make
     * @param network the network; its layers' names are those of the tensors
     * @param factor what the bounds of kernels are multiplied by
     * @return the file
     */
    public static Path of(Path file, Network network, double factor) {
        try (WritableHdfFile written = HdfFile.write(file)) {
            Map<String, KerasTensors> layers = KerasTensors.of(network);
            written.putAttribute("layer_names", layers.keySet().toArray(String[]::new));
            layers.forEach((layer, tensors) -> {
                WritableGroup group = written.putGroup(layer);
                group.putAttribute(
                        "weight_names",
                        tensors.shapes().keySet().stream()
                                .map(name -> layer + "/" + name + ":0")
                                .toArray(String[]::new));
                WritableGroup inner = group.putGroup(layer);
                tensors.shapes()
                        .forEach((name, shape) -> inner.putDataset(
                                name + ":0",
                                nested(
                                        HashWeights.values(
                                                layer + "/" + name,
                                                tensors.factor() * (name.equals("kernel") ? factor : 1),
                                                shape),
                                        shape)));
            });
        }
        return file;
    }

    private static Path write(Path path, Map<String, long[]> kernels, double factor) {
        try (WritableHdfFile file = HdfFile.write(path)) {
            file.putAttribute("layer_names", kernels.keySet().toArray(String[]::new));
            kernels.forEach((layer, shape) -> {
                long units = shape[shape.length - 1];
                String[] names = {layer + "_W_1:0", layer + "_b_1:0"};
                WritableGroup group = file.putGroup(layer);
                group.putAttribute("weight_names", names);
                group.putDataset(names[0], nested(HashWeights.values(layer + "/kernel", factor, shape), shape));
                group.putDataset(names[1], HashWeights.values(layer + "/bias", units));
            });
        }
        return path;
    }

    /** The values as an array of arrays, which is how jhdf is told a shape. */
    private static Object nested(float[] values, long[] shape) {
        if (shape.length == 1) {
            return values;
        }
        int length = Math.toIntExact(shape[0]);
        int each = values.length / length;
        long[] rest = Arrays.copyOfRange(shape, 1, shape.length);
        int[] dimensions = new int[shape.length];
        dimensions[0] = length;
        Object outer = Array.newInstance(float.class, dimensions);
        for (int i = 0; i < length; i++) {
            Array.set(outer, i, nested(Arrays.copyOfRange(values, i * each, (i + 1) * each), rest));
        }
        return outer;
    }
}
