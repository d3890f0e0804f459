package org.transfer4j.internal.calibration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.internal.json.Json;

/**
 * What a calibrated classifier has beside its network. Its memory is Java's own. In a model file its figures are a JSON of
 * their own, and its scores an array beside the weights, whose name no layer's parameter can have: it has no slash.
 *
 * @param scores 1 less the probability of the actual class, of the held-out images that the temperature was not learned from
 * @param known what is kept of the training images, null if it was not asked
 * @param figures for the user
 */
public record FittedCalibration(
        Temperature temperature,
        HeldOutScores scores,
        @Nullable Known known,
        Calibration figures) {
    private static final String WHAT = "the JSON of a calibration";
    private static final String SCORES = KnownFeatures.ARRAYS + "scores";
    private static final String DISTANCES = KnownFeatures.ARRAYS + "distances";
    private static final List<Double> COVERAGES = List.of(0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999);
    private static final int VERSION = 1;

    /**
     * The training images, and how far all held-out images are from them.
     *
     * @param distances of the held-out images, from which nothing of the features was learned
     */
    public record Known(KnownFeatures features, HeldOutScores distances) {}

    /**
     * What a model file says of it, but for the arrays: figures of a classifier of one label an image, or thresholds of one of
     * several.
     *
     * @param known null if nothing is kept of training images
     */
    public record Description(
            int version,
            @Nullable Calibration figures,
            @Nullable Sizes known,
            @Nullable List<LabelThreshold> thresholds) {}

    /** The sizes of what is kept of training images. */
    public record Sizes(int width, int rows) {
        /** Checks them before anything is allocated. */
        public Sizes {
            if (width < 1 || width > KnownFeatures.WIDEST || rows < 1 || rows > Integer.MAX_VALUE / width) {
                throw new IllegalArgumentException("what is kept of training images has from 1 to "
                        + KnownFeatures.WIDEST + " features of 1 row or more, got " + width + " of " + rows);
            }
        }
    }

    /** What novelties are told by, null if they are not. */
    public @Nullable KnownFeatures knownFeatures() {
        return known == null ? null : known.features();
    }

    /** The score of a class: it is in the set of a coverage where this is no more than {@link HeldOutScores#highest}. */
    public static float score(float probability) {
        return 1 - probability;
    }

    /** The sets of the usual coverages, as far as the images suffice for them. */
    public static List<Calibration.SetSize> sets(HeldOutScores scores, List<float[]> probabilities) {
        List<Calibration.SetSize> sets = new ArrayList<>();
        for (double coverage : COVERAGES) {
            if (scores.suffice(coverage)) {
                float highest = scores.highest(coverage);
                long members = 0;
                for (float[] row : probabilities) {
                    for (float probability : row) {
                        members += score(probability) <= highest ? 1 : 0;
                    }
                }
                sets.add(new Calibration.SetSize(coverage, 1.0 - highest, (double) members / probabilities.size()));
            }
        }
        return sets;
    }

    /** What an ONNX model says of it: the temperature is a part of the model, sets are left to the program that runs it. */
    public Map<String, String> metadata() {
        Map<String, Double> least = new LinkedHashMap<>();
        figures.sets().forEach(set -> least.put(String.valueOf(set.coverage()), set.leastProbability()));
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("temperature", String.valueOf(temperature.value()));
        entries.put("set_probabilities", Json.write(least));
        return entries;
    }

    /** The JSON for a model file. */
    public String toJson() {
        Sizes sizes = known == null
                ? null
                : new Sizes(known.features().width(), known.features().rows());
        return Json.write(new Description(VERSION, figures, sizes, null));
    }

    /** The JSON of thresholds alone. */
    public static String toJson(List<LabelThreshold> thresholds) {
        return Json.write(new Description(VERSION, null, null, thresholds));
    }

    /** The arrays for a model file; to be closed by the caller. */
    public Map<String, INDArray> arrays() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put(SCORES, Nd4j.createFromArray(scores.values()));
        if (known != null) {
            arrays.put(DISTANCES, Nd4j.createFromArray(known.distances().values()));
            arrays.putAll(known.features().arrays());
        }
        return arrays;
    }

    /**
     * Reads what a model file says, before memory is taken for its arrays.
     *
     * @param width how many features an image of its network has, empty if nothing of it is frozen
     * @param labels the classes, where an image may have several; else empty
     * @throws IllegalArgumentException if it is not what {@link #toJson} writes, or of another network
     */
    public static Description described(String json, OptionalInt width, List<String> labels) {
        Description description = Json.read(json, WHAT, Description.class);
        Json.requireVersion(description.version(), VERSION, "a calibration");
        Sizes sizes = description.known();
        Calibration figures = description.figures();
        List<LabelThreshold> thresholds = description.thresholds();
        List<String> named = thresholds == null
                ? List.of()
                : thresholds.stream().map(LabelThreshold::label).toList();
        if ((figures == null) == labels.isEmpty() || !named.equals(labels)) {
            throw new IllegalArgumentException("a calibration has figures of a classifier of one label an image, or a"
                    + " threshold for each label where an image has several");
        }
        if ((sizes == null) != (figures == null || figures.novelty() == null)) {
            throw new IllegalArgumentException("a calibration says both how novelty is told and of how many features");
        }
        if (sizes != null && (width.isEmpty() || width.getAsInt() != sizes.width())) {
            throw new IllegalArgumentException("its calibration compares " + sizes.width()
                    + " features, but its frozen layers give "
                    + (width.isPresent() ? width.getAsInt() : "none"));
        }
        return description;
    }

    /**
     * Takes its own arrays of a model file out of the others.
     *
     * @param arrays by name; they are closed by the caller
     * @return null where there are thresholds alone
     * @throws IllegalArgumentException if they are not what belongs to the description
     */
    public static @Nullable FittedCalibration restored(Description description, Map<String, INDArray> arrays) {
        Calibration figures = description.figures();
        if (figures == null) {
            return null;
        }
        HeldOutScores scores = new HeldOutScores(KnownFeatures.stored(arrays, SCORES, figures.images()));
        Sizes sizes = description.known();
        Calibration.Novelty novelty = figures.novelty();
        Known known = null;
        if (sizes != null && novelty != null) {
            known = new Known(
                    KnownFeatures.restored(novelty.score(), sizes.width(), sizes.rows(), arrays),
                    new HeldOutScores(KnownFeatures.stored(arrays, DISTANCES, novelty.heldOutImages())));
        }
        return new FittedCalibration(new Temperature(figures.temperature()), scores, known, figures);
    }
}
