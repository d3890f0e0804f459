package org.transfer4j.internal.format.modelfile;

import java.util.ArrayList;
import java.util.List;
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

    /** Whether these are its entries, of a model with or without a calibration before the arrays. */
    boolean has(List<String> names) {
        if (equals(MODEL)) {
            return withoutCalibration(names).equals(entries);
        }
        return equals(ENSEMBLE) ? withoutModels(names).equals(entries) : names.equals(entries);
    }

    private static List<String> withoutCalibration(List<String> names) {
        List<String> others = new ArrayList<>(names);
        int last = names.size() - 1;
        if (last > 0 && names.get(last - 1).equals(Entries.CALIBRATION)) {
            others.remove(last - 1);
        }
        return others;
    }

    /** Takes the texts of as many models out as there are; what is wrong stays. */
    private static List<String> withoutModels(List<String> names) {
        List<String> others = new ArrayList<>(names);
        for (int model = 1; others.size() > 2; model++) {
            String prefix = EnsembleArchive.prefix(model);
            List<String> texts = MODEL.entries.subList(0, MODEL.entries.size() - 1).stream()
                    .map(prefix::concat)
                    .toList();
            int end = 1 + texts.size();
            if (others.size() <= end || !others.subList(1, end).equals(texts)) {
                return others;
            }
            boolean calibrated = others.get(end).equals(prefix + Entries.CALIBRATION);
            others.subList(1, calibrated ? end + 1 : end).clear();
        }
        return others;
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
