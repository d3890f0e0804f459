package org.transfer4j.internal.network;

import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Parameters by layer and name: the rules for numbers that come from elsewhere, and copies. */
public final class ParameterValues {
    private static final int PIECE = 1 << 14;

    /** DL4J's name of a batch normalization's variance. */
    private static final String VARIANCE = "var";

    private ParameterValues() {}

    /**
     * Refuses numbers with which a network can only answer NaN.
     *
     * @param layer the layer's name, for the error
     * @param parameter DL4J's name of it
     * @param values float; of others nothing is known
     * @throws IllegalArgumentException if one is not finite, or is a negative variance
     */
    public static void check(String layer, String parameter, INDArray values) {
        if (values.dataType() != DataType.FLOAT) {
            return; // bytes are what they are
        }
        boolean variance = parameter.equals(VARIANCE);
        INDArray plain = values.ordering() == 'c' && !values.isView() ? values : values.dup('c');
        FloatPointer memory = new FloatPointer(plain.data().addressPointer());
        float[] some = new float[PIECE];
        for (long start = 0; start < plain.length(); start += PIECE) {
            int count = (int) Math.min(PIECE, plain.length() - start);
            memory.position(start).get(some, 0, count);
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(some[i]) || (variance && some[i] < 0)) {
                    throw new IllegalArgumentException("the weights " + layer + "/" + parameter + " must be finite"
                            + (variance ? " and not negative" : "") + ", found " + some[i]);
                }
            }
        }
    }

    /** Copies parameters into those of the same names; both sides may have layers that the other has not. */
    public static void copy(
            Map<String, ? extends Map<String, INDArray>> from, Map<String, ? extends Map<String, INDArray>> to) {
        to.forEach((layer, parameters) -> {
            Map<String, INDArray> source = from.get(layer);
            if (source != null) {
                parameters.forEach((name, value) -> value.assign(source.get(name)));
            }
        });
    }
}
