package org.transfer4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.label.LabelText;

/** The numbers that a regressor gives an image, in the units of its targets. Immutable. */
public final class RegressionPrediction {
    private static final double KNOWN = 0.95;

    private final Map<String, Double> values;
    private final float novelty;
    private final FittedCalibration calibration;

    RegressionPrediction(List<String> targetNames, Answer answer, FittedCalibration calibration) {
        this.novelty = answer.novelty();
        this.calibration = calibration;
        float[] numbers = answer.probabilities();
        Map<String, Double> named = new LinkedHashMap<>();
        for (int i = 0; i < numbers.length; i++) {
            named.put(targetNames.get(i), (double) numbers[i]);
        }
        values = Collections.unmodifiableMap(named);
    }

    /**
     * The number, of a regressor with one target.
     *
     * @return in the target's unit
     * @throws IllegalStateException if the regressor has several targets
     */
    public double value() {
        if (values.size() > 1) {
            throw new IllegalStateException(
                    "the regressor gives several numbers, " + values.keySet() + ": name one, value(\"...\")");
        }
        return values.values().iterator().next();
    }

    /**
     * The number of one target.
     *
     * @param target its name
     * @return in its unit
     * @throws IllegalArgumentException if the regressor has no such target
     */
    public double value(String target) {
        Objects.requireNonNull(target, "target");
        Double value = values.get(LabelText.normal(target));
        if (value == null) {
            throw new IllegalArgumentException(
                    "the regressor has no target \"" + target + "\"; it has " + values.keySet());
        }
        return value;
    }

    /**
     * All numbers.
     *
     * @return by the names of the targets, in their order; unmodifiable
     */
    public Map<String, Double> values() {
        return values;
    }

    /**
     * Whether the image is like the training images, as 95% of the held-out images are: {@link #isKnown(double)}.
     *
     * @return false where the regressor should not be asked
     * @throws IllegalStateException if the regressor was not calibrated with its training images
     */
    public boolean isKnown() {
        return isKnown(KNOWN);
    }

    /**
     * Whether the image is as like the training images as a part of the held-out images is, as
     * {@link Prediction#isKnown(double)}.
     *
     * @param coverage the part of the images to be known that are drawn as the held-out ones, above 0 and below 1
     * @return false where the regressor should not be asked
     * @throws IllegalStateException if the regressor was not {@linkplain
     *     ImageRegressor#calibrate(org.transfer4j.dataset.RegressionDataset, org.transfer4j.dataset.RegressionDataset) calibrated
     *     with its training images}
     * @throws IllegalArgumentException if the coverage is out of its range, or the held-out images are too few for it: 95%
     *     wants 19, 99% wants 99
     */
    public boolean isKnown(double coverage) {
        return novelty <= calibration.requireKnown().distances().highest(coverage);
    }

    /**
     * How unlike the training images the image is: the distance that {@link #isKnown(double)} compares with those of the
     * held-out images.
     *
     * @return 0 or more; what is much depends on the {@link org.transfer4j.evaluation.NoveltyScore} and the features
     * @throws IllegalStateException if the regressor was not calibrated with its training images
     */
    public double novelty() {
        calibration.requireKnown();
        return novelty;
    }

    /**
     * All numbers with their names.
     *
     * @return such as "age 34.21" or "sine 0.5012, cosine 0.8653"
     */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + " " + String.format(Locale.ROOT, "%.4g", entry.getValue()))
                .collect(Collectors.joining(", "));
    }
}
