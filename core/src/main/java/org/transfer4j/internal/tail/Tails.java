package org.transfer4j.internal.tail;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.network.Shape;
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
     * @param configuration from features to probabilities
     * @param features the shape of those of one image
     */
    public static Tail create(ComputationGraphConfiguration configuration, Shape features, TailSettings settings) {
        if (OneDnn.available() && OneDnn.holdsArrays()) {
            try {
                return OneDnnTail.of(configuration, features, settings);
            } catch (UnsupportedGraphException e) {
                LOG.info("the layers above the cut are trained by DL4J, slowly: {}", e.getMessage());
            }
        }
        return new GraphTail(configuration, settings);
    }

    /** Whether a tail is a chain of fully connected layers, the first of them right on the features. */
    public static boolean isDense(ComputationGraphConfiguration configuration) {
        return DenseChain.of(configuration).filter(DenseChain::isWhole).isPresent();
    }
}
