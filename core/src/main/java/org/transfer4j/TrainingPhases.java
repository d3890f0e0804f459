package org.transfer4j;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.transfer4j.internal.network.Freeze;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.training.Phase;

/** What a learner's phases come to, checked against its backbone and against each other. A plain fit is one phase. */
final class TrainingPhases {
    private static final int EPOCHS = 10;
    private static final int HEAD_STEPS = 1_000;
    private static final int MOST_HEAD_EPOCHS = 250;

    private final List<Step> steps;

    /**
     * One phase.
     *
     * @param learner the learner with the phase's own image size and schedule
     * @param givenEpochs empty where their number is left to the library
     * @param headAlone whether only the head learns, from features that are kept
     * @param rateParts the part of the rate that a layer gets, by name; empty where all layers get the same
     */
    record Step(
            TransferLearner learner,
            Freeze freeze,
            OptionalInt givenEpochs,
            boolean headAlone,
            double ratePart,
            Map<String, Double> rateParts) {
        NetworkPlan plan(int classes) {
            return learner.plan(classes, freeze);
        }

        /**
         * How often it goes through the training images.
         *
         * @param images how many there are, or -1 where only reading them tells
         */
        int epochs(long images) {
            if (givenEpochs.isPresent() || !headAlone || images < 1) {
                return givenEpochs.orElse(EPOCHS);
            }
            // an epoch costs next to nothing; what a head needs is steps, and few images make few of them
            long stepsAnEpoch = (images + learner.batchSize() - 1) / learner.batchSize();
            long wanted = (HEAD_STEPS + stepsAnEpoch - 1) / stepsAnEpoch;
            return (int) Math.max(EPOCHS, Math.min(MOST_HEAD_EPOCHS, wanted));
        }
    }

    private TrainingPhases(List<Step> steps) {
        this.steps = steps;
    }

    static TrainingPhases of(TransferLearner learner) {
        if (learner.phases().isEmpty()) {
            Freeze freeze = learner.freeze();
            boolean headAlone = isHeadAlone(learner, freeze, trained(learner, freeze));
            return new TrainingPhases(List.of(new Step(learner, freeze, learner.epochs(), headAlone, 1, Map.of())));
        }
        List<Step> steps = new ArrayList<>();
        Set<String> trainedBefore = Set.of();
        for (Phase phase : learner.phases()) {
            Freeze freeze = freeze(learner, phase);
            List<String> trained = trained(learner, freeze);
            if (!trained.containsAll(trainedBefore)) {
                throw new IllegalArgumentException("each phase trains at least what the one before trained, but phase "
                        + (steps.size() + 1) + " (" + phase + ") leaves out some of " + trainedBefore);
            }
            trainedBefore = new LinkedHashSet<>(trained);
            steps.add(new Step(
                    inPhase(learner, phase),
                    freeze,
                    phase.epochs().isPresent() ? phase.epochs() : learner.epochs(),
                    isHeadAlone(learner, freeze, trained),
                    phase.learningRateFactor(),
                    rateParts(phase, trained)));
        }
        return new TrainingPhases(steps);
    }

    private static TransferLearner inPhase(TransferLearner learner, Phase phase) {
        TransferLearner sized = phase.inputSize()
                .map(size -> learner.inputSize(size.height(), size.width()))
                .orElse(learner);
        return phase.schedule()
                .map(schedule -> sized.optimizer(sized.optimizer().schedule(schedule)))
                .orElse(sized);
    }

    private static List<String> trained(TransferLearner learner, Freeze freeze) {
        return NetworkPlan.trainedLayers(learner.backbone(), learner.height(), learner.width(), freeze);
    }

    private static boolean isHeadAlone(TransferLearner learner, Freeze freeze, List<String> trained) {
        boolean kept = learner.augmentation().isNone() || learner.cachedVariants() > 0;
        return kept && trained.isEmpty() && !freeze.equals(Freeze.NONE);
    }

    private static Freeze freeze(TransferLearner learner, Phase phase) {
        if (phase.isAll()) {
            return Freeze.NONE;
        }
        return phase.layer()
                .map(layer -> NetworkPlan.freezeBelow(learner.backbone(), learner.height(), learner.width(), layer))
                .orElse(Freeze.ALL);
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

    List<Step> steps() {
        return steps;
    }

    Step last() {
        return steps.get(steps.size() - 1);
    }

    /**
     * Checks the phases against what is fitted.
     *
     * @param images how many there are to learn from, or -1 where only reading them tells
     * @throws IllegalArgumentException if a schedule ends before its phase, or the network has other weights for the images
     *     of one phase than for those of another
     */
    void requireFit(int classes, long images) {
        Step first = steps.get(0);
        long parameters = Graphs.parameterCount(first.plan(classes).graph());
        for (Step step : steps) {
            step.learner().optimizer().requireFits(step.epochs(images));
            long others = Graphs.parameterCount(step.plan(classes).graph());
            if (others != parameters) {
                throw new IllegalArgumentException("phases with images of several sizes need a head that has the same"
                        + " weights for all, as Head.globalAveragePooling(): the network has "
                        + parameters + " parameters for " + size(first) + ", " + others + " for " + size(step));
            }
        }
    }

    private static String size(Step step) {
        return step.learner().height() + "x" + step.learner().width();
    }
}
