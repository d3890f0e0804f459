package org.transfer4j.training;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * RMSProp (T. Hinton, 2012) as in Keras: v = 0.9 v + 0.1 gradient², w = w - rate * gradient / sqrt(v + 1e-7), v starting
 * at zero. ND4J's has 0.95, starts at epsilon (1e-8) and adds epsilon to the root.
 */
final class KerasRmsProp extends RatedUpdater {
    private static final long serialVersionUID = 1L;

    private static final double RHO = 0.9;
    private static final double EPSILON = 1e-7;

    KerasRmsProp(double learningRate, @Nullable ISchedule schedule) {
        super(learningRate, schedule);
    }

    @Override
    void update(INDArray gradient, INDArray square, double rate) {
        square.muli(RHO).addi(gradient.mul(gradient).muli(1 - RHO));
        gradient.muli(rate).divi(Transforms.sqrt(square.add(EPSILON), false));
    }

    @Override
    public KerasRmsProp clone() {
        return new KerasRmsProp(rate(), schedule() == null ? null : schedule().clone());
    }
}
