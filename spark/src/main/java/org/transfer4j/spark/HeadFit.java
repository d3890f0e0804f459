package org.transfer4j.spark;

import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.feature.ComputedFeatures;
import org.transfer4j.internal.fit.Fit;
import org.transfer4j.internal.fit.ProbeFit;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;

/**
 * A head that learns on the driver from what executors compute, or a probe that learns by what they add up.
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
        // room is asked for before executors compute, which may take hours
        try (DriverFeatures training = new DriverFeatures(rows.labels(), opened.length(), rows.size());
                DriverFeatures held = new DriverFeatures(rows.labels(), opened.length(), 0);
                ComputedRows computed = features()) {
            training.read(computed.sorted().toLocalIterator(), held);
            Fit.Outcome outcome = Fit.run(
                    validated(settings, validates ? Optional.of(held.learningData()) : Optional.empty()),
                    training.learningData());
            outcome.early().ifPresent(early -> {
                outcome.fitted().network().close();
                throw new IllegalStateException("the head stopped early: " + early.reason(), early);
            });
            return saved(outcome.fitted());
        }
    }

    /** The same of a probe, whose features stay where they are. */
    NetworkFile probe(Settings settings) {
        ProbeFit.check(settings, rows.expectedTraining());
        try (ComputedRows computed = features();
                RemoteFeatures images = RemoteFeatures.of(computed.usable(), rows.labels(), opened.length())) {
            int[] classes = images.labels();
            int[] counts = new int[rows.labels().classNames().size()];
            IntStream.of(classes).forEach(index -> counts[index]++);
            LearningData data = new LearningData.Computed(
                    ComputedFeatures.expected(rows.labels().classNames(), counts, classes.length),
                    AnswerKind.ONE_CLASS);
            return saved(ProbeFit.run(settings, data, images, classes));
        }
    }

    private static NetworkFile saved(Fitted fitted) {
        try {
            return NetworkFile.of(ProcessNetwork.Kind.CLASSIFIER, fitted::save);
        } finally {
            fitted.network().close();
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
