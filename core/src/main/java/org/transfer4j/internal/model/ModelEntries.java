package org.transfer4j.internal.model;

import java.util.List;

/** Names of the entries of a model file after the manifest, in their order. */
final class ModelEntries {
    static final String TOPOLOGY = "topology.json";
    static final String NETWORK = "network.json";
    static final String PREPROCESSING = "preprocessing.json";
    static final String LABELS = "labels.json";
    static final String HISTORY = "history.json";
    static final String WEIGHTS = "weights.safetensors";

    static final List<String> ALL = List.of(TOPOLOGY, NETWORK, PREPROCESSING, LABELS, HISTORY, WEIGHTS);

    private ModelEntries() {}
}
