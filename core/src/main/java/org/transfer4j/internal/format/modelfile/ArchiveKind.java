package org.transfer4j.internal.format.modelfile;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.transfer4j.internal.format.modelfile.CheckpointArchive.CheckpointContents;

/**
 * What an archive is, and what it is made of.
 *
 * @param format how the manifest calls it
 * @param noun how messages call it
 * @param version the newest version of the format, which is written: the first in which parameters are in the shapes of the
 *     ops, and not DL4J's
 * @param oldest the oldest that is read
 * @param entries all entries after the manifest, in their order, but for the one that may be missing: texts in JSON, then
 *     one of arrays
 */
record ArchiveKind(String format, String noun, int version, int oldest, List<String> entries) {
    static final ArchiveKind MODEL = new ArchiveKind(
            "transfer4j-model",
            "model",
            3,
            1,
            List.of(
                    Entries.TOPOLOGY,
                    Entries.NETWORK,
                    Entries.PREPROCESSING,
                    Entries.LABELS,
                    Entries.HISTORY,
                    Entries.WEIGHTS));

    static final ArchiveKind CHECKPOINT = new ArchiveKind(
            "transfer4j-checkpoint", "checkpoint", 3, 3, List.of(CheckpointContents.STATE, Entries.WEIGHTS));

    static final ArchiveKind EXTRACTOR = new ArchiveKind(
            "transfer4j-extractor",
            "feature extractor",
            2,
            1,
            List.of(Entries.TOPOLOGY, Entries.NETWORK, Entries.PREPROCESSING, Entries.WEIGHTS));

    /** The texts of each model stand between these two, behind its number from 1 and a slash. */
    static final ArchiveKind ENSEMBLE = new ArchiveKind(
            "transfer4j-ensemble", "classifier ensemble", 2, 1, List.of(EnsembleArchive.ENSEMBLE, Entries.WEIGHTS));

    /** Whether these are its entries: of a model with or without a calibration before the arrays. */
    boolean has(List<String> names) {
        Set<String> known = new HashSet<>(names);
        List<String> expected = new ArrayList<>();
        if (equals(MODEL)) {
            addModel("", known, expected);
        } else {
            expected.addAll(entries.subList(0, entries.size() - 1));
        }
        for (int model = 1;
                equals(ENSEMBLE) && known.contains(EnsembleArchive.prefix(model) + Entries.TOPOLOGY);
                model++) {
            addModel(EnsembleArchive.prefix(model), known, expected);
        }
        expected.add(Entries.WEIGHTS);
        return names.equals(expected);
    }

    /** Adds the texts of a model, the calibration if there is one. */
    private static void addModel(String prefix, Set<String> names, List<String> expected) {
        MODEL.entries.subList(0, MODEL.entries.size() - 1).forEach(entry -> expected.add(prefix + entry));
        if (names.contains(prefix + Entries.CALIBRATION)) {
            expected.add(prefix + Entries.CALIBRATION);
        }
    }

    /** Names of the entries of a model file after the manifest. */
    static final class Entries {
        static final String TOPOLOGY = "topology.json";
        static final String NETWORK = "network.json";
        static final String PREPROCESSING = "preprocessing.json";
        static final String LABELS = "labels.json";
        static final String HISTORY = "history.json";
        static final String CALIBRATION = "calibration.json";
        static final String WEIGHTS = "weights.safetensors";

        private Entries() {}
    }
}
