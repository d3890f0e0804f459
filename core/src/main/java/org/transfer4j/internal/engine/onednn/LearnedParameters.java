package org.transfer4j.internal.engine.onednn;

import org.transfer4j.internal.network.Network;

/**
 * Where the parameters of layers that are learned are kept, which stays the same.
 *
 * @param values of the parameters, not copies
 * @param gradients where their gradients go
 */
public record LearnedParameters(Network.Values values, Network.Values gradients) {}
