package org.transfer4j.internal.trunk;

import java.util.HashMap;
import java.util.Map;

/**
 * What a trunk computes its convolutions with where that is not left to the library's own table.
 *
 * @param measured whether a trunk measures, when it is compiled, those convolutions that nothing is recorded for
 * @param recorded what was measured before, by the convolution's size
 */
public record AlgorithmChoices(boolean measured, Map<String, Algorithm> recorded) {
    /** The library's table alone. */
    public static final AlgorithmChoices TABLE = new AlgorithmChoices(false, Map.of());

    /** Copies the map. */
    public AlgorithmChoices {
        recorded = Map.copyOf(recorded);
    }

    /** The same, and what is not recorded is measured. */
    public AlgorithmChoices andMeasured() {
        return new AlgorithmChoices(true, recorded);
    }

    /** The same, and what was recorded elsewhere, which goes before. */
    public AlgorithmChoices withRecorded(Map<String, Algorithm> records) {
        Map<String, Algorithm> all = new HashMap<>(recorded);
        all.putAll(records);
        return new AlgorithmChoices(measured, all);
    }

    /** How a convolution is computed. Model files have the names. */
    public enum Algorithm {
        /** The sum of products as it is written. */
        DIRECT,
        /** Winograd's F(4x4, 3x3): 36 instead of 144 multiplications for 16 outputs of a 3x3 kernel. */
        WINOGRAD
    }
}
