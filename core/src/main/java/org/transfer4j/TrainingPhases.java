package org.transfer4j;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.transfer4j.internal.network.Freeze;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.training.Phase;

/** What a learner's phases come to, checked against its backbone and against each other. A plain fit is one phase. */
final class TrainingPhases {
    private final List<Step> steps;

    /**
     * One phase.
     *
     * @param learner the learner with the phase's own image size and schedule
     * @param rateParts the part of the rate that a layer gets, by name; empty where all layers get the same
     */
    record Step(TransferLearner learner, Freeze freeze, int epochs, double ratePart, Map<String, Double> rateParts) {
        NetworkPlan plan(int classes) {
            return learner.plan(classes, freeze);
        }
    }

    private TrainingPhases(List<Step> steps) {
        this.steps = steps;
    }

    static TrainingPhases of(TransferLearner learner) {
        if (learner.phases().isEmpty()) {
            return new TrainingPhases(List.of(new Step(learner, learner.freeze(), learner.epochs(), 1, Map.of())));
        }
        List<Step> steps = new ArrayList<>();
        Set<String> trainedBefore = Set.of();
        for (Phase phase : learner.phases()) {
            Freeze freeze = freeze(learner, phase);
            List<String> trained =
                    NetworkPlan.trainedLayers(learner.backbone(), learner.height(), learner.width(), freeze);
            if (!trained.containsAll(trainedBefore)) {
                throw new IllegalArgumentException("each phase trains at least what the one before trained, but phase "
                        + (steps.size() + 1) + " (" + phase + ") leaves out some of " + trainedBefore);
            }
            trainedBefore = new LinkedHashSet<>(trained);
            steps.add(new Step(
                    inPhase(learner, phase),
                    freeze,
                    phase.epochs().orElse(learner.epochs()),
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
     * @throws IllegalArgumentException if a schedule ends before its phase, or the network has other weights for the images
     *     of one phase than for those of another
     */
    void requireFit(int classes) {
        Step first = steps.get(0);
        long parameters = Graphs.parameterCount(first.plan(classes).graph());
        for (Step step : steps) {
            step.learner().optimizer().requireFits(step.epochs());
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
