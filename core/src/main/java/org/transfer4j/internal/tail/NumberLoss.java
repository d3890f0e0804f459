package org.transfer4j.internal.tail;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/** A loss of numbers, the mean over the outputs, as in Keras and PyTorch. Nothing is right or wrong. */
final class NumberLoss extends TrainingLoss {
    private final Loss loss;

    NumberLoss(Loss loss) {
        if (!loss.isRegression()) {
            throw new IllegalArgumentException("numbers have no " + loss);
        }
        this.loss = loss;
    }

    @Override
    NumberLoss unweighted() {
        return this;
    }

    @Override
    boolean isCrossEntropy() {
        return false;
    }

    @Override
    void activate(float[] row) {
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
    float[] row(Target target, int outputs) {
        return row(target);
    }

    private static float[] row(Target target) {
        if (target instanceof Target.Mixed mixed) {
            float[] own = row(mixed.own());
            float[] row = row(mixed.other()).clone();
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (mixed.share() * own[i] + (1 - mixed.share()) * row[i]);
            }
            return row;
        }
        return ((Target.Numbers) target).row();
    }

    @Override
    double of(float[] outputs, Target target, double smallest) {
        return of(outputs, row(target), smallest);
    }

    @Override
    double of(float[] outputs, float[] target, double smallest) {
        double sum = 0;
        for (int i = 0; i < target.length; i++) {
            sum += of((double) outputs[i] - target[i]);
        }
        return sum / target.length;
    }

    private double of(double error) {
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

    private double slope(double error) {
        if (loss.isAbsolute()) {
            return Math.signum(error);
        }
        double delta = loss.delta();
        return delta == 0 ? 2 * error : Math.max(-delta, Math.min(delta, error));
    }

    @Override
    void derive(float[] outputs, Target target, float factor) {
        derive(outputs, row(target), factor);
    }

    @Override
    void derive(float[] outputs, float[] target, float factor) {
        double scale = (double) factor / target.length;
        for (int i = 0; i < target.length; i++) {
            outputs[i] = (float) (scale * slope((double) outputs[i] - target[i]));
        }
    }

    @Override
    double hits(float[] outputs, Target target) {
        return Double.NaN;
    }

    @Override
    double hits(float[] outputs, float[] target) {
        return Double.NaN;
    }

    @Override
    double hitsOfProbabilities(float[] outputs, Target target) {
        return Double.NaN;
    }
}
