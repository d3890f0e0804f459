package org.transfer4j.internal.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Labels that are probably wrong, from probabilities that were predicted without having seen them (C. Northcutt, L. Jiang
 * and I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research
 * 70, 2021). The names are the paper's: an image is confidently of a class where its probability for it is at least the mean
 * of those that have that label; counting those by label and class gives the confident joint, which, calibrated to the
 * number of labels, estimates how many images of which class have which label. As many of them as that says are then pruned,
 * those first that their own label is least probable for ("prune by class").
 */
public final class ConfidentLearning {
    private static final double FIRST_GUESS = 0.1;
    private static final int ROUNDS = 60;
    private static final double EVEN_CHANCE = 0.5;

    /** Of a temperature's logarithm. */
    private static final double LOWEST = -2.5;

    private static final double STEP = 0.1;
    private static final int TEMPERATURES = 40;

    /** Of a probability, so that it has a logarithm and its odds are finite. */
    private static final float LEAST = 1e-30f;

    private final float[] probabilities;
    private final int[] labels;
    private final int classes;
    private final double[] thresholds;
    private final int[][] confidentJoint;

    /**
     * Counts.
     *
     * @param probabilities [images, classes], image after image; not copied
     * @param labels the class that each image is said to have; not copied
     */
    public ConfidentLearning(float[] probabilities, int[] labels, int classes) {
        this.probabilities = probabilities;
        this.labels = labels;
        this.classes = classes;
        thresholds = meanSelfConfidence();
        confidentJoint = countConfident();
    }

    /** The mean probability of each class among the images that have its label; 1 where there are none. */
    private double[] meanSelfConfidence() {
        double[] sums = new double[classes];
        int[] counts = Folds.sizes(labels, classes);
        for (int i = 0; i < labels.length; i++) {
            sums[labels[i]] += probability(i, labels[i]);
        }
        for (int c = 0; c < classes; c++) {
            sums[c] = counts[c] == 0 ? 1 : sums[c] / counts[c];
        }
        return sums;
    }

    private float probability(int image, int of) {
        return probabilities[image * classes + of];
    }

    private int[][] countConfident() {
        int[][] joint = new int[classes][classes];
        for (int i = 0; i < labels.length; i++) {
            int confident = -1;
            for (int c = 0; c < classes; c++) {
                if (probability(i, c) >= thresholds[c]
                        && (confident < 0 || probability(i, c) > probability(i, confident))) {
                    confident = c;
                }
            }
            if (confident >= 0) {
                joint[labels[i]][confident]++;
            }
        }
        return joint;
    }

    /** By class: from which probability on an image is confidently of it; not copied. */
    double[] thresholds() {
        return thresholds;
    }

    /** How many images have which label (row) and are confidently of which class (column); not copied. */
    int[][] confidentJoint() {
        return confidentJoint;
    }

    /**
     * The same of all images: each row has the sum of its labels. Labels of which no image is confidently of any class are
     * taken for right.
     */
    double[][] calibratedJoint() {
        int[] counts = Folds.sizes(labels, classes);
        double[][] joint = new double[classes][classes];
        for (int i = 0; i < classes; i++) {
            int sum = Arrays.stream(confidentJoint[i]).sum();
            for (int j = 0; j < classes; j++) {
                joint[i][j] = sum == 0 ? (i == j ? counts[i] : 0) : (double) confidentJoint[i][j] * counts[i] / sum;
            }
        }
        return joint;
    }

    /**
     * An image whose label is probably wrong.
     *
     * @param image its number
     * @param suggestion the class that it more probably has
     */
    public record Suspect(int image, int suggestion) {}

    /** The images that are pruned by class, in their order. */
    List<Suspect> pruned() {
        double[][] joint = calibratedJoint();
        BitSet pruned = new BitSet();
        for (int c = 0; c < classes; c++) {
            int label = c;
            double wrong = Arrays.stream(joint[c]).sum() - joint[c][c];
            IntStream.range(0, labels.length)
                    .filter(image -> labels[image] == label)
                    .boxed()
                    .sorted(Comparator.comparingDouble(image -> (double) probability(image, label)))
                    .limit((long) Math.rint(wrong))
                    .forEach(pruned::set);
        }
        return pruned.stream()
                .mapToObj(image -> new Suspect(image, mostProbable(image)))
                .filter(suspect -> suspect.suggestion != labels[suspect.image])
                .toList();
    }

    /**
     * How probable it is that each label is not its image's own but was put there by chance, any other with the same
     * probability, by Bayes' rule. The part of such labels and the temperature of the probabilities, which the same labels have made
     * too cautious, are those that make the labels most likely: the part by expectation maximization (A. Dempster and others,
     * 1977), the temperature by trying some.
     */
    double[] errorProbabilities() {
        double[] best = new double[0];
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= TEMPERATURES; i++) {
            double[] own = selfConfidence(Math.exp(LOWEST + i * STEP));
            double[] errors = new double[own.length];
            double part = FIRST_GUESS;
            for (int round = 0; round < ROUNDS; round++) {
                for (int image = 0; image < own.length; image++) {
                    double wrong = part * (1 - own[image]) / (classes - 1);
                    errors[image] = wrong / (wrong + (1 - part) * own[image]);
                }
                part = Arrays.stream(errors).average().orElse(0);
            }
            double found = part;
            double likelihood = Arrays.stream(own)
                    .map(each -> Math.log((1 - found) * each + found * (1 - each) / (classes - 1)))
                    .sum();
            if (likelihood > highest) {
                highest = likelihood;
                best = errors;
            }
        }
        return best;
    }

    /** The probability of each image's label at a temperature. */
    private double[] selfConfidence(double temperature) {
        double[] own = new double[labels.length];
        double[] logarithms = new double[classes];
        for (int i = 0; i < own.length; i++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                logarithms[c] = Math.log(Math.max(probability(i, c), LEAST)) / temperature;
                largest = Math.max(largest, logarithms[c]);
            }
            double sum = 0;
            for (double logarithm : logarithms) {
                sum += Math.exp(logarithm - largest);
            }
            own[i] = Math.exp(logarithms[labels[i]] - largest) / sum;
        }
        return own;
    }

    /**
     * The images whose labels are probably wrong, in their order: those that are pruned, and more probably wrong than right.
     * Pruning alone also takes what is easily confused: of clothes, where one image in six is, 13% of the labels where 5% are
     * wrong.
     */
    public List<Suspect> suspects() {
        double[] errors = errorProbabilities();
        return pruned().stream()
                .filter(suspect -> errors[suspect.image] > EVEN_CHANCE)
                .toList();
    }

    private int mostProbable(int image) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = probability(image, c) > probability(image, best) ? c : best;
        }
        return best;
    }
}
