package org.transfer4j.internal.tail;

import org.nd4j.linalg.learning.config.NoOp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.UnsupportedGraphException;

/** Chooses who trains a tail. */
public final class Tails {
    private static final Logger LOG = LoggerFactory.getLogger(Tails.class);

    private Tails() {}

    /**
     * Creates a tail with all parameters zero: one of our own where oneDNN is available and its layers are known to
     * us, else one on DL4J. They give the same numbers, but for rounding and for what dropout
     * drops.
     *
     * @param network from features to probabilities
     * @throws UnsupportedGraphException if neither can train it; the message names the layer for both
     */
    public static Tail create(Network network, TailSettings settings) {
        if (!OneDnn.available() || !OneDnn.holdsArrays()) {
            return new GraphTail(network, settings);
        }
        try {
            return settings.listeners().isEmpty()
                    ? OneDnnTail.of(network, Dl4jNetwork.of(network), settings)
                    : HeardGraph.tail(network, settings);
        } catch (UnsupportedGraphException e) {
            LOG.info("the layers above the cut are trained by DL4J, slowly: {}", e.getMessage());
            return onDl4j(network, settings, e);
        }
    }

    private static Tail onDl4j(Network network, TailSettings settings, UnsupportedGraphException elsewhere) {
        try {
            return new GraphTail(network, settings);
        } catch (UnsupportedGraphException e) {
            if (String.valueOf(e.getMessage()).equals(elsewhere.getMessage())) {
                throw e;
            }
            throw new UnsupportedGraphException(e.getMessage() + ", and on oneDNN " + elsewhere.getMessage(), e);
        }
    }

    /**
     * Checks that a tail can be created: by its layers alone where DL4J has them all, else by doing so.
     *
     * @throws UnsupportedGraphException if nobody here can train it; the message names the layer
     */
    public static void requireTrainable(Network network, TailSettings settings) {
        try {
            Dl4jWriter.write(network, new NoOp());
        } catch (UnsupportedGraphException e) {
            create(network, settings).close();
        }
    }

    /** Whether a tail is a chain of fully connected layers, the first of them right on the features. */
    public static boolean isDense(Network network) {
        DenseChain chain = DenseChain.of(network);
        return !chain.layers().isEmpty() && chain.isWhole();
    }
}
