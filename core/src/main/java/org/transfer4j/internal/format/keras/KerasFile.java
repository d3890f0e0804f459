package org.transfer4j.internal.format.keras;

import java.io.Closeable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.ArrayLayout;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/** The layers with weights in a file of Keras, whichever of its layouts it has. */
public final class KerasFile {
    /** Where a {@code .keras} archive has its weights, in the layout of {@code .weights.h5}. */
    public static final String WEIGHTS_ENTRY = "model.weights.h5";

    /** Far more than any network has. */
    private static final int MOST_ARRAYS = 100_000;

    private KerasFile() {}

    /** Refuses more arrays than a network has. */
    static void requireCount(Hdf5 file, int arrays) {
        if (arrays > MOST_ARRAYS) {
            throw new WeightsException(
                    file.path(), "is damaged: it has " + MOST_ARRAYS + " arrays at most, but names more");
        }
    }

    /** Reads names and shapes; the values are read when they are asked for. */
    public static WeightsFile read(Hdf5 file, Closeable source) {
        Map<Boolean, List<StoredLayer>> layers =
                layers(file).stream().collect(Collectors.partitioningBy(KerasNormalization::isOne));
        return new WeightsFile(
                file.path(),
                new Layout(),
                layers.getOrDefault(false, List.of()),
                layers.getOrDefault(true, List.of()),
                Map.of(),
                source);
    }

    /** All layers that have numbers, also those that are preprocessing. */
    static List<StoredLayer> layers(Hdf5 file) {
        return LegacyLayout.read(file)
                .or(() -> Keras3Layout.read(file))
                .orElseThrow(() -> new WeightsException(
                        file.path(),
                        "holds no weights of Keras: neither an attribute layer_names nor groups called vars; at its"
                                + " root are "
                                + file.children(file.root()).stream()
                                        .limit(10)
                                        .map(node -> node.getName())
                                        .toList()));
    }

    /**
     * A kernel [height, width, in, out] as [out, in, height, width]; one of a depthwise convolution [height, width, in,
     * multiplier] as [in * multiplier, 1, height, width].
     *
     * @param wanted the shape in which the values are wanted
     */
    static float[] outputsFirst(float[] keras, long... wanted) {
        int outs = (int) wanted[0];
        int ins = (int) wanted[1];
        int area = (int) (wanted[2] * wanted[3]);
        float[] values = new float[keras.length];
        int from = 0;
        for (int cell = 0; cell < area; cell++) {
            for (int in = 0; in < ins; in++) {
                for (int out = 0; out < outs; out++) {
                    values[(out * ins + in) * area + cell] = keras[from++];
                }
            }
        }
        return values;
    }

    /**
     * Keras' layout.
     *
     * <ul>
     *   <li>Kernels of convolutions: [height, width, in, out], here [out, in, height, width]; of depthwise convolutions
     *       [height, width, in, multiplier], here [in * multiplier, 1, height, width]; a Conv2D with a group for each
     *       channel has the same values, as [height, width, 1, out].
     *   <li>Slopes: [height, width, channels], here [channels, height, width].
     *   <li>Kernels of dense layers: [in, out], here [out, in], whose inputs are in another order after a Flatten, because
     *       Keras flattens [height, width, channels] and we [channels, height, width].
     * </ul>
     */
    private static final class Layout implements ArrayLayout {
        @Override
        public String owner() {
            return "Keras";
        }

        @Override
        public long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel) {
            long[] shape = kernel.shape().toArray();
            if (shape.length == 4) {
                return kernel.isDepthwise() && kernel.op() instanceof Op.Convolution op
                        ? new long[] {shape[2], shape[3], op.inputs(), shape[0] / op.inputs()}
                        : new long[] {shape[2], shape[3], shape[1], shape[0]};
            }
            if (kernel.op() instanceof Op.Dense) {
                return new long[] {shape[1], shape[0]};
            }
            return shape.length == 3 ? new long[] {shape[1], shape[2], shape[0]} : shape;
        }

        @Override
        public long[] shape(LayerShapes layer, LayerShapes.Parameter parameter, StoredArray array) {
            long[] shape = shape(layer, parameter);
            if (!parameter.isDepthwise() || layer.isSeparable()) {
                return shape;
            }
            long[] grouped = {shape[0], shape[1], 1, shape[2] * shape[3]};
            return array.hasShape(grouped) ? grouped : shape;
        }

        @Override
        public float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored) {
            Shape shape = kernel.shape();
            if (shape.sizes().size() == 4) {
                return outputsFirst(stored, shape.toArray());
            }
            int outputs = shape.channels();
            if (kernel.op() instanceof Op.Dense op) {
                float[] rows = ArrayLayout.transposed(stored, op.inputs(), outputs);
                return layer.flattenedImage()
                        .map(image -> channelsFirst(rows, image, outputs))
                        .orElse(rows);
            }
            return shape.isImage() ? ArrayLayout.transposed(stored, stored.length / outputs, outputs) : stored;
        }

        private static float[] channelsFirst(float[] rows, Shape flattened, int outputs) {
            int area = flattened.height() * flattened.width();
            int channels = flattened.channels();
            float[] values = new float[rows.length];
            for (int output = 0; output < outputs; output++) {
                int start = output * area * channels;
                for (int cell = 0; cell < area; cell++) {
                    for (int channel = 0; channel < channels; channel++) {
                        values[start + channel * area + cell] = rows[start + cell * channels + channel];
                    }
                }
            }
            return values;
        }
    }
}
