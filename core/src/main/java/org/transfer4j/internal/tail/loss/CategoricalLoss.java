package org.transfer4j.internal.tail.loss;

import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

/** A loss of softmax's probabilities, with a weight for each class. */
final class CategoricalLoss extends TrainingLoss {
    private final Loss loss;
    private final double gamma;
    private final double smoothing;
    private final double[] classWeights;

    CategoricalLoss(Loss loss, double... classWeights) {
        this.loss = loss;
        gamma = loss.gamma();
        smoothing = loss.labelSmoothing();
        this.classWeights = classWeights.clone();
    }

    @Override
    public CategoricalLoss unweighted() {
        return new CategoricalLoss(loss);
    }

    @Override
    boolean isCrossEntropy() {
        return gamma == 0 && smoothing == 0 && classWeights.length == 0;
    }

    @Override
    public void activate(float[] row) {
        softmax(row);
    }

    @Override
    void requirePlain(Target target, int classes) {
        int index = index(target);
        if (index < 0 || index >= classes) {
            throw new IllegalArgumentException(
                    "a class must be at least 0 and less than " + classes + ", got " + index);
        }
    }

    private static int index(Target target) {
        if (target instanceof Target.OneClass one) {
            return one.index();
        }
        throw new IllegalArgumentException("a softmax head needs images with one class each, got " + target);
    }

    @Override
    float[] row(Target target, int classes) {
        float[] row = new float[classes];
        if (target instanceof Target.Mixed mixed) {
            row[index(mixed.own())] += (float) mixed.share();
            row[index(mixed.other())] += (float) (1 - mixed.share());
        } else {
            row[index(target)] = 1;
        }
        return row;
    }

    @Override
    public double of(float[] probabilities, Target target, double smallest) {
        if (target instanceof Target.Mixed mixed) {
            return mixed.share() * of(probabilities, index(mixed.own()), smallest)
                    + (1 - mixed.share()) * of(probabilities, index(mixed.other()), smallest);
        }
        return of(probabilities, index(target), smallest);
    }

    private double of(float[] probabilities, int actual, double smallest) {
        double value = term(probabilities[actual], smallest) * (1 - smoothing);
        if (smoothing > 0) {
            for (float probability : probabilities) {
                value += term(probability, smallest) * smoothing / probabilities.length;
            }
        }
        return value * weight(actual);
    }

    @Override
    Target target(float[] row) {
        int first = next(row, 0);
        return Target.mixed(new Target.OneClass(first), new Target.OneClass(other(row, first)), row[first]);
    }

    /** The second class of mixed images; the first once more where there is none. */
    private static int other(float[] target, int first) {
        int second = next(target, first + 1);
        return second < target.length ? second : first;
    }

    private static int next(float[] target, int from) {
        int next = from;
        while (next < target.length && target[next] == 0) {
            next++;
        }
        return next;
    }

    private double term(double probability, double smallest) {
        double term = -Math.log(Math.max(smallest, probability));
        return gamma == 0 ? term : term * rest(probability);
    }

    private void derive(float[] probabilities, int actual, float factor) {
        float scale = (float) (factor * weight(actual));
        if (gamma == 0 && smoothing == 0) {
            deriveCrossEntropy(probabilities, actual, scale);
            return;
        }
        // with f the loss of a class, y its label: dL/dz_j = y_j f'(p_j) p_j - p_j sum_c y_c f'(p_c) p_c
        double[] parts = new double[probabilities.length];
        double sum = 0;
        for (int i = 0; i < parts.length; i++) {
            double label = smoothing / parts.length + (i == actual ? 1 - smoothing : 0);
            parts[i] = label * slope(probabilities[i]);
            sum += parts[i];
        }
        for (int i = 0; i < parts.length; i++) {
            probabilities[i] = (float) (parts[i] - probabilities[i] * sum) * scale;
        }
    }

    @Override
    public void derive(float[] probabilities, Target target, float factor) {
        if (!(target instanceof Target.Mixed mixed)) {
            derive(probabilities, index(target), factor);
            return;
        }
        float[] others = probabilities.clone();
        derive(probabilities, index(mixed.own()), factor);
        derive(others, index(mixed.other()), factor);
        for (int i = 0; i < others.length; i++) {
            probabilities[i] = (float) (mixed.share() * probabilities[i] + (1 - mixed.share()) * others[i]);
        }
    }

    @Override
    public double hits(float[] logits, Target target) {
        if (target instanceof Target.Mixed mixed) {
            return hits(logits, mixed.share() < 0.5 ? mixed.other() : mixed.own());
        }
        return highest(logits) == index(target) ? 1 : 0;
    }

    @Override
    public double hitsOfProbabilities(float[] probabilities, Target target) {
        return hits(probabilities, target);
    }

    /** f'(p) p, where f(p) = -(1 - p)^gamma log p. */
    private double slope(double probability) {
        if (gamma == 0) {
            return -1;
        }
        double rest = 1 - probability;
        if (rest <= 0 || probability <= 0) {
            return rest <= 0 ? 0 : -1;
        }
        return rest(probability) * (gamma * probability * Math.log(probability) / rest - 1);
    }

    /** (1 - p)^gamma, also where 1 - p is 1 but for rounding and gamma is large. */
    private double rest(double probability) {
        return Math.exp(gamma * Math.log1p(-probability));
    }

    /** Turns logits into probabilities. */
    static void softmax(float[] row) {
        float highest = row[highest(row)];
        double[] powers = new double[row.length];
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            powers[i] = Math.exp((double) row[i] - highest);
            sum += powers[i];
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (powers[i] / sum);
        }
    }

    /** The index of the first of the highest values. */
    private static int highest(float[] row) {
        int highest = 0;
        for (int i = 1; i < row.length; i++) {
            if (row[i] > row[highest]) {
                highest = i;
            }
        }
        return highest;
    }

    /** Turns probabilities into the loss' derivative by the logits, times a factor. */
    private static void deriveCrossEntropy(float[] probabilities, int actual, float factor) {
        probabilities[actual] -= 1;
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] *= factor;
        }
    }

    private double weight(int actual) {
        return classWeights.length == 0 ? 1 : classWeights[actual];
    }
}
