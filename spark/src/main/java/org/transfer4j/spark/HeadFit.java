package org.transfer4j.spark;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.run.Extractor;
import org.transfer4j.internal.run.Fit;
import org.transfer4j.internal.run.LearningData;
import org.transfer4j.internal.run.Settings;

/**
 * A head that learns on the driver from what executors compute.
 *
 * @param opened the frozen layers, for the driver
 * @param layers the same, for executors
 * @param folder where features are kept from fit to fit; null where they are not
 */
record HeadFit(
        Extractor opened,
        NetworkFile layers,
        LabelledRows rows,
        @Nullable String folder) {
    /** Checks all that can be known before any image is read, and learns; gives the classifier's file. */
    NetworkFile run(Settings settings) {
        Fit.check(validated(settings, rows.expectedValidation()), rows.expectedTraining());
        boolean validates = rows.expectedValidation().isPresent();
        try (ComputedRows computed = features();
                DriverFeatures training = new DriverFeatures(rows.labels(), opened.length(), rows.size());
                DriverFeatures held = new DriverFeatures(rows.labels(), opened.length(), 0)) {
            training.read(computed.sorted().toLocalIterator(), held);
            Fit.Outcome outcome = Fit.run(
                    validated(settings, validates ? Optional.of(held.learningData()) : Optional.empty()),
                    training.learningData());
            try {
                outcome.early().ifPresent(early -> {
                    throw new IllegalStateException("the head stopped early: " + early.reason(), early);
                });
                return NetworkFile.of(ProcessNetwork.Kind.CLASSIFIER, outcome.fitted()::save);
            } finally {
                outcome.fitted().network().close();
            }
        }
    }

    private ComputedRows features() {
        return folder == null
                ? ComputedRows.of(layers, rows.rows())
                : FeaturesFolder.of(folder, opened, rows.rows().sparkSession()).features(layers, rows.rows());
    }

    private static Settings validated(Settings settings, Optional<LearningData> held) {
        return held.map(rows -> settings.with(settings.data().withValidation(rows)))
                .orElse(settings);
    }
}
