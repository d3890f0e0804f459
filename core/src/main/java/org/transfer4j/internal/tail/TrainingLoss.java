package org.transfer4j.internal.tail;

import org.transfer4j.training.Loss;

/** A loss of softmax's probabilities, with a weight for each class. Works on one row at a time. */
public final class TrainingLoss {
    private final double gamma;
    private final double smoothing;
    private final double[] classWeights;

    /**
     * A loss with class weights.
     *
     * @param classWeights by class index; none at all where each class has 1
     */
    public TrainingLoss(Loss loss, double... classWeights) {
        gamma = loss.gamma();
        smoothing = loss.labelSmoothing();
        this.classWeights = classWeights.clone();
    }

    /** Plain cross-entropy. */
    public static TrainingLoss crossEntropy() {
        return new TrainingLoss(Loss.crossEntropy());
    }

    /** The same loss where each class counts alike. */
    TrainingLoss unweighted() {
        return new TrainingLoss(
                gamma > 0
                        ? Loss.focal(gamma).labelSmoothing(smoothing)
                        : Loss.crossEntropy().labelSmoothing(smoothing));
    }

    /** Whether it is cross-entropy as it is, which DL4J has. */
    boolean isCrossEntropy() {
        return gamma == 0 && smoothing == 0 && classWeights.length == 0;
    }

    /** The loss of an image; not a number where the probabilities are none, which are taken for no less than the smallest. */
    double of(float[] probabilities, int actual, double smallest) {
        double loss = term(probabilities[actual], smallest) * (1 - smoothing);
        if (smoothing > 0) {
            for (float probability : probabilities) {
                loss += term(probability, smallest) * smoothing / probabilities.length;
            }
        }
        return loss * weight(actual);
    }

    /** The loss of an image into which another was mixed, the share being that of its own class. */
    double of(float[] probabilities, int actual, int other, double share, double smallest) {
        double loss = of(probabilities, actual, smallest);
        return share == 1 ? loss : share * loss + (1 - share) * of(probabilities, other, smallest);
    }

    private double term(double probability, double smallest) {
        double loss = -Math.log(Math.max(smallest, probability));
        return gamma == 0 ? loss : loss * Math.pow(1 - probability, gamma);
    }

    /** Turns probabilities into the loss' derivatives by the logits, times a factor. */
    void derive(float[] probabilities, int actual, float factor) {
        float scale = (float) (factor * weight(actual));
        if (gamma == 0 && smoothing == 0) {
            SoftmaxCrossEntropy.derive(probabilities, actual, scale);
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

    /** Turns probabilities into the derivatives of the loss of mixed classes. */
    void derive(float[] probabilities, int actual, int other, double share, float factor) {
        if (share == 1) {
            derive(probabilities, actual, factor);
            return;
        }
        float[] others = probabilities.clone();
        derive(probabilities, actual, factor);
        derive(others, other, factor);
        for (int i = 0; i < others.length; i++) {
            probabilities[i] = (float) (share * probabilities[i] + (1 - share) * others[i]);
        }
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
        return Math.pow(rest, gamma) * (gamma * probability * Math.log(probability) / rest - 1);
    }

    private double weight(int actual) {
        return classWeights.length == 0 ? 1 : classWeights[actual];
    }
}
