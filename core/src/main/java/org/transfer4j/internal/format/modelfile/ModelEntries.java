package org.transfer4j.internal.format.modelfile;

/** Names of the entries of a model file after the manifest. */
final class ModelEntries {
    static final String TOPOLOGY = "topology.json";
    static final String NETWORK = "network.json";
    static final String PREPROCESSING = "preprocessing.json";
    static final String LABELS = "labels.json";
    static final String HISTORY = "history.json";
    static final String WEIGHTS = "weights.safetensors";

    private ModelEntries() {}
}
