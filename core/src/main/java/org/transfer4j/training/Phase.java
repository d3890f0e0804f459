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
    private final OptionalInt epochs;
    private final double learningRateFactor;
    private final double blockFactor;
    private final Map<String, Double> blockFactors;

    private Phase(
            @Nullable String layer,
            boolean whole,
            OptionalInt epochs,
            double learningRateFactor,
            double blockFactor,
            Map<String, Double> blockFactors) {
        this.layer = layer;
        this.whole = whole;
        this.epochs = epochs;
        this.learningRateFactor = learningRateFactor;
        this.blockFactor = blockFactor;
        this.blockFactors = blockFactors;
    }

    /**
     * Trains the head alone.
     *
     * @return a phase of as many epochs as the learner has, at the optimizer's rate
     */
    public static Phase head() {
        return new Phase(null, false, OptionalInt.empty(), 1, 1, Map.of());
    }

    /**
     * Trains a layer and all above it.
     *
     * @param layer the lowest layer that is trained, for example {@code "block5_conv1"}
     * @return a phase of as many epochs as the learner has, at the optimizer's rate
     */
    public static Phase from(String layer) {
        return new Phase(Objects.requireNonNull(layer, "layer"), false, OptionalInt.empty(), 1, 1, Map.of());
    }

    /**
     * Trains the whole network.
     *
     * @return a phase of as many epochs as the learner has, at the optimizer's rate
     */
    public static Phase all() {
        return new Phase(null, true, OptionalInt.empty(), 1, 1, Map.of());
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
        return new Phase(layer, whole, OptionalInt.of(epochs), learningRateFactor, blockFactor, blockFactors);
    }

    /**
     * Sets what the phase makes of the optimizer's learning rate, and of what its schedule makes of that.
     *
     * @param factor positive, default 1
     * @return a new phase
     */
    public Phase learningRateFactor(double factor) {
        return new Phase(layer, whole, epochs, positive("learning rate factor", factor), blockFactor, blockFactors);
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
        return new Phase(layer, whole, epochs, learningRateFactor, positive("block factor", factor), Map.of());
    }

    /**
     * Sets each block's part of the rate.
     *
     * @param factors by block, as {@code Map.of("block5", 0.1, "block4", 0.01)}; blocks that are not named learn at the
     *     full rate, and a name that is no trained block's is refused where the learner takes the phase
     * @return a new phase
     */
    public Phase blockFactors(Map<String, Double> factors) {
        factors.forEach((block, factor) -> positive("factor of " + block, factor));
        return new Phase(layer, whole, epochs, learningRateFactor, 1, Map.copyOf(factors));
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
                + (blockFactors.isEmpty() ? blockFactor : new TreeMap<>(blockFactors));
    }
}
