package org.transfer4j.internal.format.modelfile;

import java.util.List;

/**
 * What an archive is, and what it is made of.
 *
 * @param format how the manifest calls it
 * @param noun how messages call it
 * @param version the newest version of the format, which is written
 * @param entries all entries after the manifest, in their order: texts in JSON, then one of arrays
 */
record ArchiveKind(String format, String noun, int version, List<String> entries) {
    static final ArchiveKind MODEL = new ArchiveKind(
            "transfer4j-model",
            "model",
            2,
            List.of(
                    Entries.TOPOLOGY,
                    Entries.NETWORK,
                    Entries.PREPROCESSING,
                    Entries.LABELS,
                    Entries.HISTORY,
                    Entries.WEIGHTS));

    static final ArchiveKind CHECKPOINT = new ArchiveKind(
            "transfer4j-checkpoint", "checkpoint", 1, List.of(CheckpointContents.STATE, Entries.WEIGHTS));

    ArchiveKind {
        entries = List.copyOf(entries);
    }

    /** Names of the entries of a model file after the manifest. */
    static final class Entries {
        static final String TOPOLOGY = "topology.json";
        static final String NETWORK = "network.json";
        static final String PREPROCESSING = "preprocessing.json";
        static final String LABELS = "labels.json";
        static final String HISTORY = "history.json";
        static final String WEIGHTS = "weights.safetensors";

        private Entries() {}
    }
}
