package org.transfer4j.internal.probe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * A linear regression with an L2 penalty, for each target that one of ten whose squared error is least where each image is left
 * out once: scikit-learn's {@code RidgeCV(alpha_per_target=True)}. No image needs a fit of its own for that: the error of an
 * image that is left out is its error divided by 1 less its leverage (R. Cook and S. Weisberg, "Residuals and Influence in
 * Regression", 1982), and along {@link PrincipalComponents} both are known for all penalties at once.
 */
public final class RidgeProbe {
    /** They multiply the sum of squared weights, beside the sum of squared errors. */
    private static final double[] STRENGTHS =
            IntStream.range(-3, 7).mapToDouble(i -> Math.pow(10, i)).toArray();

    private static final Logger LOG = LoggerFactory.getLogger(RidgeProbe.class);

    private final PrincipalComponents components;

    /** [images, targets], less their means. */
    private final INDArray targets;

    /** Of the components' scores with the targets, [components][targets]. */
    private final double[][] products;

    private RidgeProbe(PrincipalComponents components, INDArray targets) {
        this.components = components;
        this.targets = targets;
        try (INDArray all = components.products(targets)) {
            products = all.toDoubleMatrix();
        }
    }

    /**
     * What was learned.
     *
     * @param layer for features as they are
     * @param strengths the chosen penalty of each target
     * @param errors [penalties tried][targets]: the mean squared error where each image is left out once
     */
    record Learned(LinearLayer layer, List<Double> strengths, List<List<Double>> errors) {}

    /** What it needs outside of the heap, in bytes. */
    public static long nativeBytes(long images, long width) {
        return (long) (Float.BYTES * (double) images * width) + PrincipalComponents.nativeBytes(images, width);
    }

    /** Whether all that it has of the images fits arrays. */
    public static boolean isIndexable(long images, long width) {
        return (double) images * width <= Integer.MAX_VALUE;
    }

    /**
     * Learns.
     *
     * @param numbers [images][targets]
     * @return a layer for features as they are, with an output for each target
     */
    public static LinearLayer learn(FeatureMatrix features, double[][] numbers) {
        Learned learned = learned(features, numbers);
        LOG.info("the probe's penalties are {}, each one of {}", learned.strengths(), Arrays.toString(STRENGTHS));
        return learned.layer();
    }

    static Learned learned(FeatureMatrix features, double[][] numbers) {
        try (INDArray given = Nd4j.createFromArray(numbers);
                INDArray means = given.mean(0);
                INDArray targets = given.subRowVector(means);
                PrincipalComponents components = PrincipalComponents.of(features)) {
            RidgeProbe probe = new RidgeProbe(components, targets);
            double[][] errors = probe.errors();
            int[] best = IntStream.range(0, errors[0].length)
                    .map(target -> least(errors, target))
                    .toArray();
            return new Learned(
                    features.folded(new LinearLayer(probe.weights(best), means.toDoubleVector())),
                    IntStream.of(best).mapToObj(i -> STRENGTHS[i]).toList(),
                    Arrays.stream(errors)
                            .map(row -> Arrays.stream(row).boxed().toList())
                            .toList());
        }
    }

    private static int least(double[][] errors, int target) {
        int least = 0;
        for (int strength = 1; strength < errors.length; strength++) {
            least = errors[strength][target] < errors[least][target] ? strength : least;
        }
        return least;
    }

    /** Of images that are left out, [penalties][targets]. */
    private double[][] errors() {
        int images = targets.rows();
        int outputs = targets.columns();
        double[][] sums = new double[STRENGTHS.length][outputs];
        double[] squares = components.squares();
        double[][] shares = new double[squares.length][STRENGTHS.length];
        double[][] factors = new double[squares.length][STRENGTHS.length * outputs];
        for (int component = 0; component < squares.length; component++) {
            for (int s = 0; s < STRENGTHS.length; s++) {
                shares[component][s] = 1 / (squares[component] + STRENGTHS[s]);
                for (int target = 0; target < outputs; target++) {
                    factors[component][s * outputs + target] = products[component][target] * shares[component][s];
                }
            }
        }
        try (INDArray allShares = Nd4j.createFromArray(shares);
                INDArray allFactors = Nd4j.createFromArray(factors)) {
            for (int from = 0; from < images; from += PrincipalComponents.AT_ONCE) {
                Interruption.check("the probe");
                int to = Math.min(images, from + PrincipalComponents.AT_ONCE);
                addErrors(sums, from, to, allShares, allFactors);
            }
        }
        for (double[] row : sums) {
            for (int target = 0; target < outputs; target++) {
                row[target] /= images;
            }
        }
        return sums;
    }

    private void addErrors(double[][] sums, int from, int to, INDArray shares, INDArray factors) {
        try (INDArray scores = components.scores(from, to);
                INDArray squared = scores.mul(scores);
                INDArray leverages = squared.mmul(shares);
                INDArray predicted = scores.mmul(factors);
                INDArray actual = targets.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .dup()) {
            double[][] ofImages = leverages.toDoubleMatrix();
            double[][] guesses = predicted.toDoubleMatrix();
            double[][] numbers = actual.toDoubleMatrix();
            int outputs = targets.columns();
            for (int i = 0; i < numbers.length; i++) {
                for (int s = 0; s < STRENGTHS.length; s++) {
                    // the mean of the targets is learned from each image too
                    double rest = 1 - ofImages[i][s] - 1.0 / targets.rows();
                    for (int target = 0; target < outputs; target++) {
                        double error = (numbers[i][target] - guesses[i][s * outputs + target]) / rest;
                        sums[s][target] += error * error;
                    }
                }
            }
        }
    }

    /** By the chosen penalty of each target. */
    private double[][] weights(int[] best) {
        double[] squares = components.squares();
        double[][] factors = new double[squares.length][best.length];
        for (int component = 0; component < squares.length; component++) {
            for (int target = 0; target < best.length; target++) {
                factors[component][target] =
                        products[component][target] / (squares[component] + STRENGTHS[best[target]]);
            }
        }
        try (INDArray all = Nd4j.createFromArray(factors)) {
            return components.ofFeatures(all);
        }
    }
}
