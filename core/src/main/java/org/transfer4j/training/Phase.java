package org.transfer4j.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One part of a fine-tuning: which layers are trained, for how many epochs, how fast. Immutable.
 *
 * <pre>{@code
 * learner.fineTune(
 *         Phase.head().epochs(5),
 *         Phase.from("block5_conv1").epochs(5).learningRateFactor(0.1).blockFactor(0.5),
 *         Phase.all().epochs(3).learningRateFactor(0.01).blockFactor(0.5));
 * }</pre>
 *
 * <p>Each phase trains at least what the one before trained. What lies below runs once and is kept, as in a plain fit.
 */
public final class Phase {
    private final @Nullable String layer;
    private final boolean whole;
    private OptionalInt epochs = OptionalInt.empty();
    private double learningRateFactor = 1;
    private double blockFactor = 1;
    private Map<String, Double> blockFactors = Map.of();
    private @Nullable ImageSize inputSize;
    private @Nullable Schedule schedule;

    /**
     * To what images are resized.
     *
     * @param height pixels
     * @param width pixels
     */
    public record ImageSize(int height, int width) {
        /**
         * Refuses what is no size.
         *
         * @param height pixels, 1 or more
         * @param width pixels, 1 or more
         * @throws IllegalArgumentException if a number is below 1
         */
        public ImageSize {
            if (height < 1 || width < 1) {
                throw new IllegalArgumentException("images are 1x1 or larger, got " + height + "x" + width);
            }
        }
    }

    private Phase(@Nullable String layer, boolean whole) {
        this.layer = layer;
        this.whole = whole;
    }

    private Phase(Phase other) {
        this(other.layer, other.whole);
        epochs = other.epochs;
        learningRateFactor = other.learningRateFactor;
        blockFactor = other.blockFactor;
        blockFactors = other.blockFactors;
        inputSize = other.inputSize;
        schedule = other.schedule;
    }

    /**
     * Trains the head alone.
     *
     * @return a phase of as many epochs as the learner has, at the optimizer's rate
     */
    public static Phase head() {
        return new Phase(null, false);
    }

    /**
     * Trains a layer and all above it.
     *
     * @param layer the lowest layer that is trained, for example {@code "block5_conv1"}
     * @return a phase of as many epochs as the learner has, at the optimizer's rate
     */
    public static Phase from(String layer) {
        return new Phase(Objects.requireNonNull(layer, "layer"), false);
    }

    /**
     * Trains the whole network.
     *
     * @return a phase of as many epochs as the learner has, at the optimizer's rate
     */
    public static Phase all() {
        return new Phase(null, true);
    }

    /**
     * Sets how often the training images are gone through.
     *
     * @param epochs 1 or more
     * @return a new phase
     */
    public Phase epochs(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("A phase has 1 epoch or more, but not " + epochs);
        }
        Phase next = new Phase(this);
        next.epochs = OptionalInt.of(epochs);
        return next;
    }

    /**
     * Sets what the phase makes of the optimizer's learning rate, and of what its schedule makes of that.
     *
     * @param factor positive, default 1
     * @return a new phase
     */
    public Phase learningRateFactor(double factor) {
        Phase next = new Phase(this);
        next.learningRateFactor = positive("learning rate factor", factor);
        return next;
    }

    /**
     * Lets lower blocks learn slower (discriminative learning rates, J. Howard and S. Ruder, 2018): each block at this
     * part of the rate of the one above it, the head at the full rate. A block is what has the same name up to the first
     * underscore, as {@code block5} or {@code conv4}.
     *
     * @param factor positive; default 1, all alike. Their paper has 1/2.6
     * @return a new phase
     */
    public Phase blockFactor(double factor) {
        Phase next = new Phase(this);
        next.blockFactor = positive("block factor", factor);
        next.blockFactors = Map.of();
        return next;
    }

    /**
     * Sets each block's part of the rate.
     *
     * @param factors by block, as {@code Map.of("block5", 0.1, "block4", 0.01)}; blocks that are not named learn at the
     *     full rate, and a name that is no trained block's is refused where the learner takes the phase
     * @return a new phase
     */
    public Phase blockFactors(Map<String, Double> factors) {
        Objects.requireNonNull(factors, "factors");
        factors.forEach((block, factor) -> positive(
                "factor of " + Objects.requireNonNull(block, "block"), Objects.requireNonNull(factor, "factor")));
        Phase next = new Phase(this);
        next.blockFactor = 1;
        next.blockFactors = Map.copyOf(factors);
        return next;
    }

    /**
     * Resizes images to another size in this phase: a network that begins with small images and ends with large ones
     * learns faster (progressive resizing). The head must not depend on the size, as one on averaged features. The
     * classifier takes images of the last phase's size.
     *
     * @param height pixels, from the backbone's minimum
     * @param width pixels, from the backbone's minimum
     * @return a new phase; default: the learner's size
     * @throws IllegalArgumentException if a number is below 1; the learner refuses what is under the backbone's minimum
     */
    public Phase inputSize(int height, int width) {
        Phase next = new Phase(this);
        next.inputSize = new ImageSize(height, width);
        return next;
    }

    /**
     * Sets how the rate goes in this phase.
     *
     * @param schedule default: the optimizer's
     * @return a new phase
     */
    public Phase schedule(Schedule schedule) {
        Phase next = new Phase(this);
        next.schedule = Objects.requireNonNull(schedule, "schedule");
        return next;
    }

    private static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("The " + what + " must be positive and finite, but is " + value);
        }
        return value;
    }

    /**
     * The lowest trained layer.
     *
     * @return empty where the head or the whole network is trained
     */
    public Optional<String> layer() {
        return Optional.ofNullable(layer);
    }

    /**
     * Whether the whole network is trained.
     *
     * @return true for {@link #all()}
     */
    public boolean isAll() {
        return whole;
    }

    /**
     * How often the training images are gone through.
     *
     * @return empty where it is as often as the learner says
     */
    public OptionalInt epochs() {
        return epochs;
    }

    /**
     * What the optimizer's rate is multiplied by.
     *
     * @return 1 where nothing was said
     */
    public double learningRateFactor() {
        return learningRateFactor;
    }

    /**
     * To what images are resized in this phase.
     *
     * @return empty where it is the learner's size
     */
    public Optional<ImageSize> inputSize() {
        return Optional.ofNullable(inputSize);
    }

    /**
     * How the rate goes in this phase.
     *
     * @return empty where it goes by the optimizer's schedule
     */
    public Optional<Schedule> schedule() {
        return Optional.ofNullable(schedule);
    }

    /**
     * The rate of each block as a part of the phase's.
     *
     * @param blocks the trained blocks of the backbone, from the lowest to the highest
     * @return by block
     * @throws IllegalArgumentException if a factor was given to a block that is not among them
     */
    public Map<String, Double> factorsOf(List<String> blocks) {
        for (String named : blockFactors.keySet()) {
            if (!blocks.contains(named)) {
                throw new IllegalArgumentException(
                        "A factor is given to the block " + named + ", but the phase trains " + blocks);
            }
        }
        Map<String, Double> factors = new LinkedHashMap<>();
        for (int i = 0; i < blocks.size(); i++) {
            factors.put(
                    blocks.get(i), blockFactors.getOrDefault(blocks.get(i), Math.pow(blockFactor, blocks.size() - i)));
        }
        return factors;
    }

    @Override
    public String toString() {
        String trained = whole ? "all" : layer == null ? "head" : "from " + layer;
        return trained + (epochs.isPresent() ? ", epochs " + epochs.getAsInt() : "") + ", learning rate factor "
                + learningRateFactor + ", blocks "
                + (blockFactors.isEmpty() ? blockFactor : new TreeMap<>(blockFactors))
                + (inputSize == null ? "" : ", images of " + inputSize.height() + "x" + inputSize.width())
                + (schedule == null ? "" : ", " + schedule);
    }
}
