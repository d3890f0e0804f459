package org.transfer4j.internal.onednn;

/** Turns one kind of DL4J layer into operations. */
@FunctionalInterface
interface LayerLowering {
    /**
     * Appends the layer's operations.
     *
     * @return the layer's result
     * @throws UnsupportedGraphException if the layer's settings have no counterpart here
     */
    Value lower(LayerSite site) throws UnsupportedGraphException;
}
