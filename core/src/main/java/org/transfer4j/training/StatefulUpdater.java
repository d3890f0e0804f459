package org.transfer4j.training;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;

/** One of our updaters at work on some parameters. */
final class StatefulUpdater implements GradientUpdater<RatedUpdater> {
    /** The name of the state. */
    static final String STATE = "V";

    private final RatedUpdater updater;
    private INDArray state;

    StatefulUpdater(RatedUpdater updater, INDArray state) {
        this.updater = updater;
        this.state = state;
    }

    @Override
    public RatedUpdater getConfig() {
        return updater;
    }

    @Override
    public void setState(Map<String, INDArray> states, boolean initialize) {
        setStateViewArray(Objects.requireNonNull(states.get(STATE), STATE), new long[0], 'c', initialize);
    }

    @Override
    public Map<String, INDArray> getState() {
        return Map.of(STATE, state);
    }

    @Override
    public void setStateViewArray(INDArray view, long[] gradientShape, char gradientOrder, boolean initialize) {
        state = initialize ? view.assign(0) : view;
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        updater.update(gradient, state.reshape(gradient.shape()), updater.getLearningRate(iteration, epoch));
    }
}
