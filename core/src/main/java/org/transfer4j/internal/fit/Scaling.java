package org.transfer4j.internal.fit;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureScale;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.fitted.FittedNetwork;

/**
 * The scales on which a network learns: of its features in a phase where these are small or large, and of its targets where they are
 * numbers. What others get of it is folded: it is for features as they are, and gives targets as they are.
 */
final class Scaling {
    private final @Nullable TargetScale targets;
    private @Nullable FeatureScale features;

    /**
     * One of targets alone, as yet.
     *
     * @param targets null where there are classes
     */
    Scaling(@Nullable TargetScale targets) {
        this.targets = targets;
    }

    /** The scale of the features that the weights are for; null where it is their own. */
    @Nullable
    FeatureScale features() {
        return features;
    }

    /** From now on weights are for features on this scale. */
    void learnOn(Optional<FeatureScale> scale) {
        features = scale.orElse(null);
    }

    /** Features as the weights want them. */
    Examples scaled(Examples examples) {
        return features == null ? examples : features.scaled(examples);
    }

    /**
     * Makes what learned from scaled features fit for features as they are. What the optimizer remembers is then of other
     * weights: a step of a moment that is too small by the square of the divisor is as much too large. How large the moments
     * would be is not known, since a mean taken off each feature mixes the weights' gradient with the bias', whose product
     * nobody has summed.
     *
     * @return whether features were scaled
     */
    boolean foldFeatures(FittedNetwork network) {
        if (features == null) {
            return false;
        }
        features.fold(firstLayer(network));
        features = null;
        return true;
    }

    /** Makes outputs targets as they are, when nothing is learned any more. */
    void foldTargets(FittedNetwork network) {
        if (targets != null) {
            targets.fold(PhaseNetworks.outputLayer(network.tail()));
        }
    }

    /** In the middle of a training: weights are folded for the work alone, and are then what they were, to the bit. */
    void whileFolded(FittedNetwork network, Runnable work) {
        IdentityHashMap<INDArray, INDArray> learning = new IdentityHashMap<>();
        if (features != null) {
            firstLayer(network).values().forEach(value -> learning.put(value, value.dup()));
        }
        if (targets != null) {
            PhaseNetworks.outputLayer(network.tail()).values().forEach(value -> learning.put(value, value.dup()));
        }
        try {
            if (features != null) {
                features.fold(firstLayer(network));
            }
            foldTargets(network);
            work.run();
        } finally {
            learning.forEach(INDArray::assign);
        }
    }

    private static Map<String, INDArray> firstLayer(FittedNetwork network) {
        return network.tail().parameters().values().iterator().next();
    }
}
