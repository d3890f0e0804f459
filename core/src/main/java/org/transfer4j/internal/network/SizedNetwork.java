package org.transfer4j.internal.network;

/** A network for images of any size. */
@FunctionalInterface
public interface SizedNetwork {
    /**
     * The network for one size.
     *
     * @throws IllegalArgumentException if it can't take images of that size
     */
    Network network(int height, int width);
}
