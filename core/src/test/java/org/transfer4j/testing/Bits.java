package org.transfer4j.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Arrays as values that are equal only where every bit is: {@code INDArray.equals} forgives 1e-5. */
public final class Bits {
    private Bits() {}

    /**
     * An array's values in C order.
     *
     * @param array any float array
     * @return the bits of each value
     */
    public static List<Integer> of(INDArray array) {
        List<Integer> bits = new ArrayList<>();
        for (float value : array.dup('c').data().asFloat()) {
            bits.add(Float.floatToRawIntBits(value));
        }
        return bits;
    }

    /**
     * A network's parameters.
     *
     * @param graph an initialised network
     * @return from names such as "conv1_W" to the bits of the values
     */
    public static Map<String, List<Integer>> of(ComputationGraph graph) {
        Map<String, List<Integer>> bits = new TreeMap<>();
        graph.paramTable().forEach((name, values) -> bits.put(name, of(values)));
        return bits;
    }
}
