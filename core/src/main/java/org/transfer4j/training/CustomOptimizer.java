package org.transfer4j.training;

import org.nd4j.linalg.learning.config.IUpdater;

/** An updater of ND4J, whose learning rate and schedule are its own. */
final class CustomOptimizer extends Optimizer {
    private final IUpdater updater;

    CustomOptimizer(IUpdater updater, OptimizerSettings settings) {
        super(settings);
        this.updater = updater;
    }

    @Override
    public Optimizer schedule(Schedule schedule) {
        throw new IllegalArgumentException("an updater of ND4J has a schedule of its own; give it to "
                + updater.getClass().getSimpleName() + ", got " + schedule);
    }

    @Override
    CustomOptimizer with(OptimizerSettings others) {
        if (others.weightDecay() > 0 && !updater.hasLearningRate()) {
            throw new IllegalArgumentException("weight decay goes with the learning rate, and "
                    + updater.getClass().getSimpleName() + " has none; got " + others.weightDecay());
        }
        return new CustomOptimizer(updater, others);
    }

    @Override
    public IUpdater updater() {
        return Updaters.copy(updater);
    }

    @Override
    public double learningRate(TrainingProgress progress) {
        return updater.hasLearningRate()
                ? updater.getLearningRate(Math.toIntExact(progress.step()), Math.toIntExact(progress.epoch()))
                : Double.NaN;
    }

    @Override
    public String toString() {
        return updater + settings.toString();
    }
}
