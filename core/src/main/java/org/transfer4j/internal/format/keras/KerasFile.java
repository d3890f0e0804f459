package org.transfer4j.internal.format.keras;

import java.io.Closeable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.format.WeightsFile;
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
     *   <li>Kernels of convolutions: [height, width, in, out], in DL4J [out, in, height, width]; of depthwise convolutions
     *       [height, width, in, multiplier] in both.
     *   <li>The first kernel of separable convolutions: [height, width, in, multiplier], in DL4J [multiplier, in, height,
     *       width].
     *   <li>Slopes: [height, width, channels], in DL4J [channels, height, width].
     *   <li>Kernels of dense layers: [in, out] in both, but the rows are in another order after a Flatten, because Keras
     *       flattens [height, width, channels] and DL4J [channels, height, width].
     * </ul>
     */
    private static final class Layout implements ArrayLayout {
        @Override
        public String owner() {
            return "Keras";
        }

        @Override
        public long[] kernelShape(LayerShapes layer) {
            long[] dl4j = layer.kernel();
            return switch (layer.kind()) {
                case CONVOLUTION, SEPARABLE_CONVOLUTION -> new long[] {dl4j[2], dl4j[3], dl4j[1], dl4j[0]};
                case SLOPES -> dl4j.length == 3 ? new long[] {dl4j[1], dl4j[2], dl4j[0]} : dl4j.clone();
                default -> dl4j.clone();
            };
        }

        @Override
        public float[] kernelToDl4j(LayerShapes layer, float[] stored) {
            return switch (layer.kind()) {
                case CONVOLUTION, SEPARABLE_CONVOLUTION -> outputsFirst(stored, layer.kernel());
                case SLOPES -> {
                    int channels = (int) layer.kernel()[0];
                    yield layer.kernel().length == 3
                            ? ArrayLayout.transposed(stored, stored.length / channels, channels)
                            : stored;
                }
                case DENSE -> channelsFirst(stored, layer.flattened(), (int) layer.kernel()[1]);
                default -> stored;
            };
        }

        private static float[] channelsFirst(float[] keras, Shape flattened, int outs) {
            if (!flattened.isImage() || flattened.isPixel()) {
                return keras;
            }
            int area = flattened.height() * flattened.width();
            int channels = flattened.channels();
            float[] values = new float[keras.length];
            for (int cell = 0; cell < area; cell++) {
                for (int channel = 0; channel < channels; channel++) {
                    int from = (cell * channels + channel) * outs;
                    int to = (channel * area + cell) * outs;
                    System.arraycopy(keras, from, values, to, outs);
                }
            }
            return values;
        }
    }
}
