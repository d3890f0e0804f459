package org.transfer4j.internal.calibration;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.internal.json.Json;

/**
 * What a fitted model has learned from held-out images, beside its network. Its memory is Java's own. In a model file its figures
 * are a JSON of their own, and its scores arrays beside the weights, whose names no layer's parameter can have: they have no slash.
 *
 * @param probabilities how far they can be trusted, null where nobody asked, or an image may have several labels or numbers
 * @param thresholds above which probability an image is given each label where it may have several; empty where nobody asked
 * @param known what is kept of the training images, null where nobody asked
 */
public record FittedCalibration(
        @Nullable Probabilities probabilities,
        List<LabelThreshold> thresholds,
        @Nullable Known known) {
    /** Of a model that was not calibrated. */
    public static final FittedCalibration NONE = new FittedCalibration(null, List.of(), null);

    private static final String WHAT = "the JSON of a calibration";
    private static final String SCORES = KnownFeatures.ARRAYS + "scores";
    private static final String DISTANCES = KnownFeatures.ARRAYS + "distances";
    private static final List<Double> COVERAGES = List.of(0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999);
    private static final int VERSION = 2;
    private static final double HALF = 0.5;

    /** Copies the list. */
    public FittedCalibration {
        thresholds = List.copyOf(thresholds);
    }

    /**
     * Of the classes of which an image has one.
     *
     * @param scores 1 less the probability of the actual class, of the held-out images that the temperature was not learned from
     * @param figures for the user
     */
    public record Probabilities(Temperature temperature, HeldOutScores scores, Calibration figures) {}

    /**
     * How strange held-out images were to a model, by a score: split conformal prediction (V. Vovk and others, "Algorithmic
     * Learning in a Random World", 2005; A. Angelopoulos, S. Bates, "A Gentle Introduction to Conformal Prediction", 2021). Of new
     * images from the same source, a wanted part or more have a score no higher than {@link #highest}.
     *
     * @param values ascending, finite, not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // may be many, and nobody changes them
    public record HeldOutScores(float[] values) {
        /** What 95% wants. */
        public static final int FEWEST = 19;

        /** Checks the order. */
        public HeldOutScores {
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i]) || (i > 0 && values[i] < values[i - 1])) {
                    throw new IllegalArgumentException("scores are finite and ascending, got " + values[i]
                            + " as number " + i + " of " + values.length);
                }
            }
        }

        /** The scores of images in any order. */
        public static HeldOutScores of(float[] unordered) {
            float[] values = unordered.clone();
            Arrays.sort(values);
            return new HeldOutScores(values);
        }

        /** How many images there were. */
        public int size() {
            return values.length;
        }

        /** Whether they are enough for a coverage. */
        public boolean suffice(double coverage) {
            return rank(coverage, values.length) <= values.length;
        }

        /**
         * The score that as many new images as wanted keep to: the one of rank ceil((n + 1) coverage) of n.
         *
         * @param coverage the part of the images, above 0 and below 1
         * @throws IllegalArgumentException if it is out of its range, or the images are too few for it
         */
        public float highest(double coverage) {
            if (!(coverage > 0 && coverage < 1)) {
                throw new IllegalArgumentException("a coverage is above 0 and below 1, got " + coverage);
            }
            long rank = rank(coverage, values.length);
            if (rank > values.length) {
                throw new IllegalArgumentException(
                        "to cover " + percent(coverage) + " of new images, " + fewest(coverage)
                                + " held-out images or more are needed, those of the temperature not counted (n with ceil((n + 1) x "
                                + BigDecimal.valueOf(coverage).toPlainString() + ") <= n), got " + values.length
                                + ": calibrate with more images, or ask for less");
            }
            return values[(int) rank - 1];
        }

        /** In decimals, as the number is written: 20 x 0.95 is 19, and nothing more. */
        private static long rank(double coverage, int images) {
            return BigDecimal.valueOf(coverage)
                    .multiply(BigDecimal.valueOf(images + 1L))
                    .setScale(0, RoundingMode.CEILING)
                    .longValueExact();
        }

        private static String fewest(double coverage) {
            BigDecimal part = BigDecimal.valueOf(coverage);
            return part.divide(BigDecimal.ONE.subtract(part), 0, RoundingMode.CEILING)
                    .toPlainString();
        }

        private static String percent(double coverage) {
            return BigDecimal.valueOf(coverage)
                            .movePointRight(2)
                            .stripTrailingZeros()
                            .toPlainString() + "%";
        }
    }

    /**
     * The training images, and how far all held-out images are from them.
     *
     * @param distances of the held-out images, from which nothing of the features was learned
     * @param images how many training images were looked at
     */
    public record Known(KnownFeatures features, HeldOutScores distances, int images) {
        /** How novelty is told, for the user. */
        public Calibration.Novelty figures() {
            return new Calibration.Novelty(features.score(), images, distances.size());
        }
    }

    /**
     * What a model file says of it, but for the arrays.
     *
     * @param figures of a classifier of one label an image, else null
     * @param known null if nothing is kept of training images
     * @param thresholds of a classifier of several labels an image, else null
     */
    public record Description(
            int version,
            @Nullable Calibration figures,
            @Nullable Sizes known,
            @Nullable List<LabelThreshold> thresholds) {}

    /**
     * What is kept of training images.
     *
     * @param rows class means, or images
     */
    public record Sizes(Calibration.Novelty novelty, int width, int rows) {
        /** Checks them before anything is allocated. */
        public Sizes {
            if (width < 1 || width > KnownFeatures.WIDEST || rows < 1 || rows > Integer.MAX_VALUE / width) {
                throw new IllegalArgumentException("what is kept of training images has from 1 to "
                        + KnownFeatures.WIDEST + " features of 1 row or more, got " + width + " of " + rows);
            }
        }
    }

    /** What probabilities are divided by, as inputs of the softmax. */
    public Temperature temperature() {
        return probabilities == null ? Temperature.NONE : probabilities.temperature();
    }

    /** What novelties are told by, null if they are not. */
    public @Nullable KnownFeatures knownFeatures() {
        return known == null ? null : known.features();
    }

    /**
     * What is kept of the training images.
     *
     * @throws IllegalStateException if nothing is
     */
    public Known requireKnown() {
        if (known == null) {
            throw new IllegalStateException("what is unlike the training images is learned from them: predict by what"
                    + " calibrate(heldOut, training) returns");
        }
        return known;
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
                sets.add(new Calibration.SetSize(
                        coverage, leastProbability(highest), (double) members / probabilities.size()));
            }
        }
        return sets;
    }

    /** The least probability whose score, which is rounded, is no more. */
    static float leastProbability(float highest) {
        // floats from 0 to 1 are in the order of their bits
        int low = 0;
        int high = Float.floatToIntBits(1);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (score(Float.intBitsToFloat(middle)) <= highest) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return Float.intBitsToFloat(high);
    }

    /**
     * Above which probability a label is given, half way between two probabilities of held-out images: the threshold of the highest F1, or the
     * one of the highest recall with a precision that is high enough; of equal ones the
     * highest.
     *
     * @param probabilities of the label, by image
     * @param there whether the image has it
     * @param precision what is wanted; empty for F1
     * @return one half where no image has the label; where no threshold is precise enough, the most precise one
     */
    public static LabelThreshold threshold(
            String label, float[] probabilities, boolean[] there, OptionalDouble precision) {
        int[] order = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted((a, b) -> Float.compare(probabilities[b], probabilities[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        long support = IntStream.range(0, there.length).filter(i -> there[i]).count();
        LabelThreshold best = new LabelThreshold(label, HALF, 0, 0, support);
        double highest = Double.NEGATIVE_INFINITY;
        long right = 0;
        for (int given = 1; given <= order.length && support > 0; given++) {
            float lowest = probabilities[order[given - 1]];
            right += there[order[given - 1]] ? 1 : 0;
            float next = given == order.length ? 0 : probabilities[order[given]];
            if (lowest == next) {
                continue;
            }
            double reached = (double) right / given;
            double recall = (double) right / support;
            double value = precision.isEmpty()
                    ? 2.0 * right / (given + support)
                    // more recall counts where the precision suffices, more precision where it does not
                    : reached >= precision.getAsDouble() ? 1 + recall : reached;
            if (value > highest) {
                highest = value;
                best = new LabelThreshold(label, between(next, lowest), reached, recall, support);
            }
        }
        return best;
    }

    /** As a float, which probabilities are: not below the lower one, and below the upper one. */
    private static double between(float lower, float upper) {
        float middle = lower + (upper - lower) / 2;
        return middle > 0 && middle < upper ? middle : Math.max(lower, Float.MIN_VALUE);
    }

    /** What an ONNX model says of it: the temperature is a part of the model, all else is left to the program that runs it. */
    public Map<String, String> metadata() {
        Map<String, String> entries = new LinkedHashMap<>();
        if (probabilities != null) {
            Map<String, Double> least = new LinkedHashMap<>();
            probabilities
                    .figures()
                    .sets()
                    .forEach(set -> least.put(String.valueOf(set.coverage()), set.leastProbability()));
            entries.put(
                    "temperature", String.valueOf(probabilities.temperature().value()));
            entries.put("set_probabilities", Json.write(least));
        }
        if (!thresholds.isEmpty()) {
            entries.put(
                    "thresholds",
                    Json.write(
                            thresholds.stream().map(LabelThreshold::threshold).toList()));
        }
        return entries;
    }

    /** The JSON for a model file; empty where there is nothing to say. */
    public Optional<String> toJson() {
        if (equals(NONE)) {
            return Optional.empty();
        }
        return Optional.of(Json.write(new Description(
                VERSION,
                probabilities == null ? null : probabilities.figures(),
                known == null
                        ? null
                        : new Sizes(
                                known.figures(),
                                known.features().width(),
                                known.features().rows()),
                thresholds.isEmpty() ? null : thresholds)));
    }

    /** The arrays for a model file; to be closed by the caller. */
    public Map<String, INDArray> arrays() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        if (probabilities != null) {
            arrays.put(SCORES, Nd4j.createFromArray(probabilities.scores().values()));
        }
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
     * @param exclusive whether an image has one of the classes
     * @param labels the classes, where an image may have several; else empty
     * @throws IllegalArgumentException if it is not what {@link #toJson} writes, or of another network
     */
    public static Description described(String json, OptionalInt width, boolean exclusive, List<String> labels) {
        Description description = Json.read(json, WHAT, Description.class);
        Json.requireVersion(description.version(), VERSION, "a calibration");
        Sizes sizes = description.known();
        Calibration figures = description.figures();
        List<LabelThreshold> thresholds = description.thresholds();
        List<String> named = thresholds == null
                ? List.of()
                : thresholds.stream().map(LabelThreshold::label).toList();
        boolean numbers = !exclusive && labels.isEmpty();
        if ((figures != null) != exclusive || !named.equals(labels) || (numbers && sizes == null)) {
            throw new IllegalArgumentException("a calibration has figures of a classifier of one label an image, a"
                    + " threshold for each label where an image has several, and training images where it has numbers");
        }
        if (figures != null && !Objects.equals(figures.novelty(), sizes == null ? null : sizes.novelty())) {
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
     * @param description null where there is none
     * @param arrays by name; they are closed by the caller
     * @throws IllegalArgumentException if they are not what belongs to the description
     */
    public static FittedCalibration restored(@Nullable Description description, Map<String, INDArray> arrays) {
        if (description == null) {
            return NONE;
        }
        Calibration figures = description.figures();
        Probabilities probabilities = null;
        if (figures != null) {
            HeldOutScores scores = new HeldOutScores(KnownFeatures.stored(arrays, SCORES, figures.images()));
            probabilities = new Probabilities(new Temperature(figures.temperature()), scores, figures);
        }
        Sizes sizes = description.known();
        Known known = null;
        if (sizes != null) {
            Calibration.Novelty novelty = sizes.novelty();
            known = new Known(
                    KnownFeatures.restored(novelty.score(), sizes.width(), sizes.rows(), arrays),
                    new HeldOutScores(KnownFeatures.stored(arrays, DISTANCES, novelty.heldOutImages())),
                    novelty.trainingImages());
        }
        List<LabelThreshold> thresholds = description.thresholds();
        return new FittedCalibration(probabilities, thresholds == null ? List.of() : thresholds, known);
    }
}
