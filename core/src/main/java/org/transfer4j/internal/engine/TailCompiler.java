package org.transfer4j.internal.engine;

import org.nd4j.linalg.learning.config.NoOp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.ReferenceTail;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.dl4j.HeardGraph;
import org.transfer4j.internal.tail.onednn.OneDnnTail;

/** Makes a tail of layers that are trained, with all parameters zero: on oneDNN if that can, else on DL4J. */
public final class TailCompiler {
    private static final Logger LOG = LoggerFactory.getLogger(TailCompiler.class);

    private TailCompiler() {}

    /**
     * Creates a tail to be trained: one of our own where oneDNN is available and its layers are known to us, else one on DL4J.
     * They give the same numbers, but for rounding and for what dropout drops.
     *
     * @param network from features to probabilities
     * @throws UnsupportedGraphException if neither can train it; the message names the layer for both
     */
    public static Tail compile(Network network, TailSettings settings) {
        if (!OneDnn.available() || !OneDnn.holdsArrays() || TrunkCompiler.isDl4jWanted()) {
            return GraphTail.learning(network, settings);
        }
        try {
            return settings.listeners().isEmpty()
                    ? OneDnnTail.of(network, settings)
                    : HeardGraph.tail(network, settings);
        } catch (UnsupportedGraphException e) {
            LOG.info("the layers above the cut are trained by DL4J, slowly: {}", e.getMessage());
            return onDl4j(network, settings, e);
        }
    }

    private static Tail onDl4j(Network network, TailSettings settings, UnsupportedGraphException elsewhere) {
        try {
            return GraphTail.learning(network, settings);
        } catch (UnsupportedGraphException e) {
            if (String.valueOf(e.getMessage()).equals(elsewhere.getMessage())) {
                throw e;
            }
            throw new UnsupportedGraphException(e.getMessage() + ", and on oneDNN " + elsewhere.getMessage(), e);
        }
    }

    /** Creates a tail that was trained, maybe elsewhere, and predicts: in plain Java where nobody here could train it. */
    public static Tail compileToPredict(Network network, TailSettings settings) {
        if (network.op(network.output()) instanceof Op.Neighbours) {
            return new ReferenceTail(network);
        }
        try {
            return compile(network, settings);
        } catch (UnsupportedGraphException e) {
            return untrainable(network, settings, e);
        }
    }

    /** What DL4J learns from with a wrong gradient, it computes. */
    private static Tail untrainable(Network network, TailSettings settings, UnsupportedGraphException reason) {
        try {
            return new GraphTail(network, settings);
        } catch (UnsupportedGraphException e) {
            LOG.warn("the layers above the cut are computed by plain Java, slowly: {}", reason.getMessage());
            return new ReferenceTail(network);
        }
    }

    /**
     * Checks that a tail can be trained: by its layers alone where DL4J can train them all, else by creating it.
     *
     * @throws UnsupportedGraphException if nobody here can train it; the message names the layer
     */
    public static void requireTrainable(Network network, TailSettings settings) {
        try {
            GraphTail.requireRightGradients(network);
            Dl4jWriter.write(network, new NoOp());
        } catch (UnsupportedGraphException e) {
            compile(network, settings).close();
        }
    }
}
