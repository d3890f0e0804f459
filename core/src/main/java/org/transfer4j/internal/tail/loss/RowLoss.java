package org.transfer4j.internal.tail.loss;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/** A loss of each output by itself, the mean over them, as in Keras and PyTorch. */
abstract sealed class RowLoss extends TrainingLoss {
    @Override
    final boolean isCrossEntropy() {
        return false;
    }

    /**
     * What one output adds.
     *
     * @param index the output's
     * @param smallest what a probability is taken for where it is smaller
     */
    abstract double term(int index, double output, float wanted, double smallest);

    /** The derivative of a term by what is activated. */
    abstract double slope(int index, double output, float wanted);

    @Override
    final float[] row(Target target, int outputs) {
        return row(target);
    }

    /** What the outputs should be. */
    static float[] row(Target target) {
        if (target instanceof Target.Mixed mixed) {
            float[] own = row(mixed.own());
            float[] row = row(mixed.other()).clone();
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (mixed.share() * own[i] + (1 - mixed.share()) * row[i]);
            }
            return row;
        }
        return ((Target.Row) target).row();
    }

    @Override
    final Target target(float[] row) {
        return new Target.Numbers(row);
    }

    @Override
    public final double of(float[] outputs, Target wanted, double smallest) {
        float[] target = row(wanted);
        double sum = 0;
        for (int i = 0; i < target.length; i++) {
            sum += term(i, outputs[i], target[i], smallest);
        }
        return sum / target.length;
    }

    @Override
    public final void derive(float[] outputs, Target wanted, float factor) {
        float[] target = row(wanted);
        double scale = (double) factor / target.length;
        for (int i = 0; i < target.length; i++) {
            outputs[i] = (float) (scale * slope(i, outputs[i], target[i]));
        }
    }

    /**
     * Binary cross-entropy of sigmoid's probabilities. An image is classified right as far as its classes are, each by itself.
     */
    static final class Binary extends RowLoss {
        /** What a probability, and what is missing to 1, is taken for where it is smaller; below it floats end at 1. */
        private static final double SMALLEST = 1e-7;

        private final Loss loss;
        private final double smoothing;
        private final double[] classWeights;

        Binary(Loss loss, double... classWeights) {
            this.loss = loss;
            this.smoothing = loss.labelSmoothing();
            this.classWeights = classWeights.clone();
        }

        @Override
        public Binary unweighted() {
            return new Binary(loss);
        }

        @Override
        public void activate(float[] row) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (1 / (1 + Math.exp(-row[i])));
            }
        }

        @Override
        void requirePlain(Target target, int classes) {
            if (!(target instanceof Target.SeveralClasses several) || several.row().length != classes) {
                throw new IllegalArgumentException("a multi-label head of " + classes
                        + " classes needs images with any number of these, got " + target);
            }
        }

        @Override
        double term(int index, double output, float wanted, double smallest) {
            double least = Math.max(smallest, SMALLEST);
            double label = smoothed(wanted);
            double probability = Math.min(Math.max(output, least), 1 - least);
            return -(weight(index) * label * Math.log(probability) + (1 - label) * Math.log(1 - probability));
        }

        @Override
        double slope(int index, double output, float wanted) {
            double label = smoothed(wanted);
            return (1 - label) * output - weight(index) * label * (1 - output);
        }

        private double smoothed(double label) {
            return label * (1 - smoothing) + smoothing / 2;
        }

        private double weight(int index) {
            return classWeights.length == 0 ? 1 : classWeights[index];
        }

        @Override
        public double hits(float[] logits, Target target) {
            return hits(logits, row(target), 0);
        }

        @Override
        public double hitsOfProbabilities(float[] probabilities, Target target) {
            return hits(probabilities, row(target), 0.5f);
        }

        private static double hits(float[] row, float[] target, float threshold) {
            int right = 0;
            for (int i = 0; i < target.length; i++) {
                right += (row[i] > threshold) == (target[i] >= 0.5f) ? 1 : 0;
            }
            return (double) right / target.length;
        }
    }

    /** A loss of numbers. Nothing is right or wrong. */
    static final class Numbers extends RowLoss {
        private final Loss loss;

        Numbers(Loss loss) {
            if (!loss.isRegression()) {
                throw new IllegalArgumentException("numbers have no " + loss);
            }
            this.loss = loss;
        }

        @Override
        public Numbers unweighted() {
            return this;
        }

        @Override
        public void activate(float[] row) {
            // the outputs are the numbers
        }

        @Override
        void requirePlain(Target target, int outputs) {
            if (!(target instanceof Target.Numbers numbers) || numbers.row().length != outputs) {
                throw new IllegalArgumentException("a regression head of " + outputs
                        + " outputs needs images with as many numbers, got " + target);
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
        public double hits(float[] outputs, Target target) {
            return Double.NaN;
        }

        @Override
        public double hitsOfProbabilities(float[] outputs, Target target) {
            return Double.NaN;
        }
    }
}
