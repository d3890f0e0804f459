package org.transfer4j.training;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Gradient descent with plain momentum (B. Polyak, 1964), which ND4J has not: v = momentum * v - rate * gradient, w = w
 * + v, as in Keras.
 */
final class HeavyBall extends RatedUpdater {
    private static final long serialVersionUID = 1L;

    private final double momentum;

    HeavyBall(double learningRate, @Nullable ISchedule schedule, double momentum) {
        super(learningRate, schedule);
        this.momentum = momentum;
    }

    @Override
    void update(INDArray gradient, INDArray velocity, double rate) {
        velocity.muli(momentum).subi(gradient.muli(rate));
        gradient.assign(velocity).negi();
    }

    @Override
    public HeavyBall clone() {
        return new HeavyBall(rate(), schedule() == null ? null : schedule().clone(), momentum);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && Double.compare(momentum, ((HeavyBall) Objects.requireNonNull(other)).momentum) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), momentum);
    }
}
