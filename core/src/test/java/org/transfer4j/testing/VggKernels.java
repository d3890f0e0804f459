package org.transfer4j.testing;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names and kernel shapes of VGG16's convolutions as Keras has them, written down apart from the library's own. */
public final class VggKernels {
    /** By how much the narrow VGG16 of the golden files has fewer filters than the full one. */
    public static final int NARROW = 32;

    private static final int[] CONVOLUTIONS = {2, 2, 3, 3, 3};
    private static final int[] FILTERS = {64, 128, 256, 512, 512};

    private VggKernels() {}

    /**
     * The kernels of a network of this family.
     *
     * @param divisor by what the numbers of filters are divided: 1 or {@link #NARROW}
     * @return [3, 3, in, out] by layer, from the lowest
     */
    public static Map<String, long[]> shapes(int divisor) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        long channels = 3;
        for (int block = 0; block < CONVOLUTIONS.length; block++) {
            long filters = FILTERS[block] / divisor;
            for (int i = 1; i <= CONVOLUTIONS[block]; i++) {
                shapes.put("block" + (block + 1) + "_conv" + i, new long[] {3, 3, channels, filters});
                channels = filters;
            }
        }
        return shapes;
    }
}
