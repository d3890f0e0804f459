package org.transfer4j.internal.format.keras;

/** Numbers of weights. */
final class Sizes {
    /** DL4J counts a layer's weights with an int in places. */
    private static final long MOST_WEIGHTS = Integer.MAX_VALUE;

    private Sizes() {}

    static long product(LayerDescription layer, long... factors) {
        long product = 1;
        for (long factor : factors) {
            if (product > MOST_WEIGHTS / factor) {
                throw layer.refused("it has more than " + MOST_WEIGHTS + " weights");
            }
            product *= factor;
        }
        return product;
    }
}
