package org.transfer4j.internal.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.calibration.Thresholds;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.fitted.Answer;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.plan.AnswerKind;

/** Chooses on held-out images above which probability an image is given each label. */
public final class ThresholdTuning {
    private static final Logger LOG = LoggerFactory.getLogger(ThresholdTuning.class);

    private ThresholdTuning() {}

    /**
     * Tunes.
     *
     * @param precision what each label shall have at least; empty for the highest F1
     * @param training null if what is unlike it need not be told
     * @return the same network, which has one owner more
     * @throws DatasetException if no image has a label, before any work
     */
    public static Fitted run(
            Fitted fitted, MultiLabelDataset heldOut, OptionalDouble precision, @Nullable TrainingImages training) {
        if (fitted.network().plan().answers() != AnswerKind.LABELS) {
            throw new IllegalArgumentException(
                    "this classifier gives each image one label: calibrate it on an ImageDataset");
        }
        precision.ifPresent(wanted -> {
            if (!(wanted > 0 && wanted <= 1)) {
                throw new IllegalArgumentException("a precision is above 0 and at most 1, got " + wanted);
            }
        });
        List<String> learned = fitted.network().classNames();
        List<String> missing = Calibrating.missing(DatasetSource.of(heldOut, learned, "held-out data"));
        if (missing.size() == learned.size()) {
            throw new DatasetException(
                    null,
                    "thresholds are learned from held-out images with labels, got " + heldOut.size() + " without any");
        }
        if (!missing.isEmpty()) {
            LOG.warn("no held-out images have the labels {}: their thresholds stay one half", missing);
        }
        int[] alike = training == null
                ? new int[0]
                : training.alike(fitted.network(), ": calibrate(heldOut) alone gives thresholds");
        HeldOutAnswers found = HeldOutAnswers.of(fitted.network(), heldOut.images(), training, alike);
        List<Answer> answers = found.answers();
        List<LabelThreshold> thresholds = new ArrayList<>();
        for (String label : learned) {
            int own = thresholds.size();
            float[] probabilities = new float[answers.size()];
            boolean[] there = new boolean[answers.size()];
            for (int i = 0; i < probabilities.length; i++) {
                probabilities[i] = answers.get(i).probabilities()[own];
                there[i] = heldOut.labels(i).contains(label);
            }
            thresholds.add(Thresholds.of(label, probabilities, there, precision));
        }
        precision.ifPresent(wanted -> warnOfImprecise(thresholds, wanted));
        return fitted.calibrated(new FittedCalibration(null, thresholds, found.known()));
    }

    private static void warnOfImprecise(List<LabelThreshold> thresholds, double wanted) {
        List<LabelThreshold> imprecise = thresholds.stream()
                .filter(label -> label.support() > 0 && label.precision() < wanted)
                .toList();
        if (!imprecise.isEmpty()) {
            LOG.warn(
                    "no threshold gives the precision {} to these labels, which get the most precise one: {}",
                    wanted,
                    imprecise);
        }
    }
}
