package org.transfer4j.internal.cache;

import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.trunk.Trunk;

/**
 * Everything but the image that decides what its features are, and the network's name, which does not.
 *
 * @param network its name, for people
 * @param frozen the network up to the cut, with its weights
 * @param trunk what computes, compiled from the frozen network
 * @param input what the network takes
 * @param libraryVersion the version that decodes, resizes and computes
 */
public record FeatureRecipe(
        String network, WeightedNetwork frozen, Trunk trunk, NetworkInput input, String libraryVersion) {}
