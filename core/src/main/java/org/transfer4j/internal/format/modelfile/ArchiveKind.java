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
            1,
            List.of(
                    ModelEntries.TOPOLOGY,
                    ModelEntries.NETWORK,
                    ModelEntries.PREPROCESSING,
                    ModelEntries.LABELS,
                    ModelEntries.HISTORY,
                    ModelEntries.WEIGHTS));

    static final ArchiveKind CHECKPOINT = new ArchiveKind(
            "transfer4j-checkpoint", "checkpoint", 1, List.of(CheckpointContents.STATE, ModelEntries.WEIGHTS));

    ArchiveKind {
        entries = List.copyOf(entries);
    }
}
