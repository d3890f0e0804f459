package org.transfer4j.internal.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** What a training's phases come to, checked against its backbone and against each other. A plain fit is one phase. */
public final class TrainingPhases {
    private static final int EPOCHS = 10;
    private static final int HEAD_STEPS = 1_000;

    private static final int MOST_HEAD_EPOCHS = 250;

    /** What a step changes in a sum over few features is little: they take more of them, and many images are worth them. */
    private static final int NARROW = 1_024;

    private static final int NARROW_EPOCHS = 100;
    private static final int FEWEST_NARROW_STEPS = 3_000;
    private static final int MOST_NARROW_STEPS = 30_000;

    private final List<PlannedPhase> phases;

    /**
     * One phase.
     *
     * @param network of the phase's own size, frozen as in the phase
     * @param optimizer with the phase's own schedule
     * @param givenEpochs empty where their number is left to the library
     * @param headAlone whether only the head learns, from features that are kept
     * @param rateParts the part of the rate that a layer gets, by name; empty where all layers get the same
     */
    public record PlannedPhase(
            Settings.NetworkSettings network,
            Optimizer optimizer,
            int batchSize,
            OptionalInt givenEpochs,
            boolean headAlone,
            double ratePart,
            Map<String, Double> rateParts) {
        /** Backbone and head as it trains them. */
        public NetworkPlan plan(int classes) {
            return network.plan(classes);
        }

        /** Of the images, for messages. */
        public String imageSize() {
            return network.height() + "x" + network.width();
        }

        /**
         * How often it goes through the training images.
         *
         * @param images how many there are, or -1 where only reading them tells
         */
        public int epochs(long images) {
            if (givenEpochs.isPresent() || !headAlone || images < 1) {
                return givenEpochs.orElse(EPOCHS);
            }
            // an epoch costs next to nothing; what a head needs is steps, and few images make few of them
            long stepsAnEpoch = (images + batchSize - 1) / batchSize;
            long wanted = (headSteps(stepsAnEpoch) + stepsAnEpoch - 1) / stepsAnEpoch;
            return (int) Math.max(EPOCHS, Math.min(MOST_HEAD_EPOCHS, wanted));
        }

        private long headSteps(long stepsAnEpoch) {
            int anyNumberOfClasses = 2;
            long features = Shape.of(plan(anyNumberOfClasses).featureShape()).elements();
            return features <= NARROW
                    ? Math.max(FEWEST_NARROW_STEPS, Math.min(MOST_NARROW_STEPS, NARROW_EPOCHS * stepsAnEpoch))
                    : HEAD_STEPS;
        }
    }

    private TrainingPhases(List<PlannedPhase> phases) {
        this.phases = phases;
    }

    /** Those that settings ask for: one, where they name none. */
    public static TrainingPhases of(Settings settings) {
        Settings.NetworkSettings network = settings.network();
        TrainingSettings training = settings.training();
        if (training.phases().isEmpty()) {
            boolean headAlone = isHeadAlone(settings.data(), network, network.trainedLayers());
            return new TrainingPhases(List.of(new PlannedPhase(
                    network, training.optimizer(), training.batchSize(), training.epochs(), headAlone, 1, Map.of())));
        }
        List<PlannedPhase> phases = new ArrayList<>();
        Set<String> trainedBefore = Set.of();
        for (Phase phase : training.phases()) {
            Settings.NetworkSettings frozen = network.withFreeze(freeze(network, phase));
            List<String> trained = frozen.trainedLayers();
            if (!trained.containsAll(trainedBefore)) {
                throw new IllegalArgumentException("each phase trains at least what the one before trained, but phase "
                        + (phases.size() + 1) + " (" + phase + ") leaves out some of " + trainedBefore);
            }
            trainedBefore = new LinkedHashSet<>(trained);
            phases.add(new PlannedPhase(
                    phase.inputSize()
                            .map(size -> frozen.withSize(size.height(), size.width()))
                            .orElse(frozen),
                    phase.schedule().map(training.optimizer()::schedule).orElse(training.optimizer()),
                    training.batchSize(),
                    phase.epochs().isPresent() ? phase.epochs() : training.epochs(),
                    isHeadAlone(settings.data(), frozen, trained),
                    phase.learningRateFactor(),
                    rateParts(phase, trained)));
        }
        return new TrainingPhases(phases);
    }

    private static boolean isHeadAlone(Settings.Data data, Settings.NetworkSettings network, List<String> trained) {
        boolean kept = !data.augments() || data.cachedVariants() > 0;
        return kept && trained.isEmpty() && !network.freeze().equals(Freeze.NONE);
    }

    private static Freeze freeze(Settings.NetworkSettings network, Phase phase) {
        if (phase.isAll()) {
            return Freeze.NONE;
        }
        return phase.layer().map(layer -> network.sized().freezeBelow(layer)).orElse(Freeze.ALL);
    }

    private static Map<String, Double> rateParts(Phase phase, List<String> trained) {
        List<String> blocks =
                trained.stream().map(TrainingPhases::block).distinct().toList();
        Map<String, Double> factors = phase.factorsOf(blocks);
        if (factors.values().stream().allMatch(factor -> factor == 1)) {
            return Map.of();
        }
        Map<String, Double> parts = new TreeMap<>();
        trained.forEach(layer -> parts.put(layer, factors.getOrDefault(block(layer), 1.0)));
        return parts;
    }

    private static String block(String layer) {
        int underscore = layer.indexOf('_');
        return underscore < 0 ? layer : layer.substring(0, underscore);
    }

    public List<PlannedPhase> all() {
        return phases;
    }

    public PlannedPhase first() {
        return phases.get(0);
    }

    public PlannedPhase last() {
        return phases.get(phases.size() - 1);
    }

    /**
     * Checks the phases against what is fitted.
     *
     * @param images how many there are to learn from, or -1 where only reading them tells
     * @throws IllegalArgumentException if a schedule ends before its phase, or the network has other weights for the images
     *     of one phase than for those of another
     */
    public void requireFit(int classes, long images) {
        PlannedPhase first = first();
        long parameters = first.plan(classes).network().parameterCount();
        for (PlannedPhase phase : phases) {
            phase.optimizer().requireFits(phase.epochs(images));
            requireRates(phase);
            long others = phase.plan(classes).network().parameterCount();
            if (others != parameters) {
                throw new IllegalArgumentException("phases with images of several sizes need a head that has the same"
                        + " weights for all, as Head.globalAveragePooling(): the network has "
                        + parameters + " parameters for " + first.imageSize() + ", " + others + " for "
                        + phase.imageSize());
            }
        }
    }

    /** The factors of phases and blocks may make more of a rate than a float holds; what they make too small learns nothing. */
    private static void requireRates(PlannedPhase phase) {
        if (!(phase.optimizer() instanceof Optimizer.Rated)) {
            return;
        }
        double rate = phase.optimizer().updater().getLearningRate(0, 0) * phase.ratePart();
        double largest = phase.rateParts().values().stream().reduce(1.0, Math::max);
        if (Float.isInfinite((float) (rate * largest))) {
            throw new IllegalArgumentException("the learning rate must be finite, but the factors of a phase make "
                    + rate * largest + " of it, which is Infinity as a float: " + phase.optimizer());
        }
    }
}
