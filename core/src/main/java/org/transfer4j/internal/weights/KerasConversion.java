package org.transfer4j.internal.weights;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * From Keras' layout to DL4J's.
 *
 * <ul>
 *   <li>Kernels of convolutions: [height, width, in, out] to [out, in, height, width].
 *   <li>Kernels of depthwise convolutions: [height, width, in, multiplier] in both.
 *   <li>Kernels of dense layers: [in, out] in both, but the rows are in another order after a Flatten, because Keras
 *       flattens [height, width, channels] and DL4J [channels, height, width].
 *   <li>Vectors: [n] to [n], or to [1, n] where that is wanted; DL4J itself takes both.
 * </ul>
 */
final class KerasConversion {
    private KerasConversion() {}

    /** The shape that Keras gives to what has this shape in DL4J. */
    static long[] kerasShape(String parameter, boolean depthwise, long[] dl4j) {
        boolean kernel = parameter.equals(LayerShapes.KERNEL);
        if (kernel && depthwise && dl4j.length == 4) {
            return dl4j.clone();
        }
        if (kernel && dl4j.length == 4) {
            return new long[] {dl4j[2], dl4j[3], dl4j[1], dl4j[0]};
        }
        if (kernel && dl4j.length == 2) {
            return dl4j.clone();
        }
        if (!kernel && dl4j.length == 1) {
            return dl4j.clone();
        }
        if (!kernel && dl4j.length == 2 && dl4j[0] == 1) {
            return new long[] {dl4j[1]};
        }
        throw new IllegalArgumentException("no " + parameter + " has the shape " + Arrays.toString(dl4j));
    }

    /** Values in Keras' order to an array of DL4J's shape. */
    static INDArray toDl4j(float[] keras, boolean depthwise, long[] dl4j) {
        boolean reordered = dl4j.length == 4 && !depthwise;
        return Nd4j.create(reordered ? kernelToDl4j(keras, dl4j) : keras, dl4j, 'c');
    }

    private static float[] kernelToDl4j(float[] keras, long[] dl4j) {
        int outs = (int) dl4j[0];
        int ins = (int) dl4j[1];
        int area = (int) (dl4j[2] * dl4j[3]);
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

    /** Brings the rows of a dense kernel from the order of channels last to that of channels first. */
    static float[] flattenedRows(float[] keras, FlattenedShape flattened, int outs) {
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
