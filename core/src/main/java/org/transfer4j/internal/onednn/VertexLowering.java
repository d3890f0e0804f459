package org.transfer4j.internal.onednn;

/** Turns one kind of DL4J vertex that is no layer into operations. */
@FunctionalInterface
interface VertexLowering {
    /**
     * Appends the vertex' operations.
     *
     * @return the vertex' result
     * @throws UnsupportedGraphException if the vertex' settings have no counterpart here
     */
    Value lower(VertexSite site) throws UnsupportedGraphException;
}
