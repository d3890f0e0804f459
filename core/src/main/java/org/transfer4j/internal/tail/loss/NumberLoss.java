package org.transfer4j.internal.tail.loss;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/** A loss of numbers. Nothing is right or wrong. */
final class NumberLoss extends RowLoss {
    private final Loss loss;

    NumberLoss(Loss loss) {
        if (!loss.isRegression()) {
            throw new IllegalArgumentException("numbers have no " + loss);
        }
        this.loss = loss;
    }

    @Override
    public NumberLoss unweighted() {
        return this;
    }

    @Override
    public void activate(float[] row) {
        // the outputs are the numbers
    }

    @Override
    void requirePlain(Target target, int outputs) {
        if (!(target instanceof Target.Numbers numbers) || numbers.row().length != outputs) {
            throw new IllegalArgumentException(
                    "a regression head of " + outputs + " outputs needs images with as many numbers, got " + target);
        }
    }

    @Override
    double term(int index, double output, float wanted, double smallest) {
        double error = output - wanted;
        double size = Math.abs(error);
        if (loss.isAbsolute()) {
            return size;
        }
        double delta = loss.delta();
        if (delta == 0) {
            return error * error;
        }
        return size <= delta ? error * error / 2 : delta * (size - delta / 2);
    }

    @Override
    double slope(int index, double output, float wanted) {
        double error = output - wanted;
        if (loss.isAbsolute()) {
            return Math.signum(error);
        }
        double delta = loss.delta();
        return delta == 0 ? 2 * error : Math.max(-delta, Math.min(delta, error));
    }

    @Override
    double hits(float[] outputs, float[] target) {
        return Double.NaN;
    }

    @Override
    public double hitsOfProbabilities(float[] outputs, Target target) {
        return Double.NaN;
    }
}
