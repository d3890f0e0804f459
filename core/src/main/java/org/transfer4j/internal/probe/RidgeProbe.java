package org.transfer4j.internal.probe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;

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

    /**
     * The directions in which standardized features vary, each at right angles to the others, by the eigenvectors of the features'
     * products with each other or, where images are fewer, of the images' products with each other. All in double.
     */
    static final class PrincipalComponents implements AutoCloseable {
        /** Images, or features, that are turned into double at once. */
        static final int AT_ONCE = 1024;

        private final FeatureMatrix features;

        /** Whether images are fewer than features. */
        private final boolean few;

        /** [features or images, components]: the eigenvectors. */
        private final INDArray vectors;

        /** The features' sums of squares along them. */
        private final double[] squares;

        private PrincipalComponents(FeatureMatrix features, INDArray vectors, double[] squares) {
            this.features = features;
            this.few = isFew(features);
            this.vectors = vectors;
            this.squares = squares;
        }

        private static boolean isFew(FeatureMatrix features) {
            return features.rows() < features.width();
        }

        /** What is needed outside of the heap beside the features, in bytes: products, vectors, and what LAPACK has of them. */
        static long nativeBytes(long images, long width) {
            double side = Math.min(images, width);
            return (long) (Double.BYTES * (3 * side * side + 4.0 * AT_ONCE * Math.max(side, 1)));
        }

        /** Finds them. */
        static PrincipalComponents of(FeatureMatrix features) {
            boolean few = isFew(features);
            int side = Math.min(features.rows(), features.width());
            INDArray products = Nd4j.create(DataType.DOUBLE, new long[] {side, side}, 'f');
            try (INDArray values = Nd4j.create(DataType.DOUBLE, side)) {
                int length = few ? features.width() : features.rows();
                for (int from = 0; from < length; from += AT_ONCE) {
                    Interruption.check("the probe");
                    int to = Math.min(length, from + AT_ONCE);
                    try (INDArray part = few ? features(features, from, to) : images(features, from, to)) {
                        Nd4j.gemm(part, part, products, few, !few, 1, 1);
                    }
                }
                int failed = Nd4j.getBlasWrapper().lapack().syev('V', 'U', products, values);
                if (failed != 0) {
                    throw new IllegalStateException("LAPACK found no eigenvalues of the features' products: " + failed);
                }
                return new PrincipalComponents(
                        features,
                        products,
                        // sums of squares; below zero by rounding alone
                        Arrays.stream(values.toDoubleVector())
                                .map(value -> Math.max(value, 0))
                                .toArray());
            } catch (RuntimeException | Error e) {
                products.close();
                throw e;
            }
        }

        /** [features, some images]. */
        private static INDArray images(FeatureMatrix features, int from, int to) {
            return features.values()
                    .get(NDArrayIndex.all(), NDArrayIndex.interval(from, to))
                    .castTo(DataType.DOUBLE);
        }

        /** [some features, images]. */
        private static INDArray features(FeatureMatrix features, int from, int to) {
            return features.values()
                    .get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                    .castTo(DataType.DOUBLE);
        }

        /** The features' sums of squares along each component; not copied. */
        double[] squares() {
            return squares;
        }

        /** Where some images lie along the components, [images, components]; to be closed. */
        INDArray scores(int from, int to) {
            if (few) {
                try (INDArray lengths = lengths(1)) {
                    return vectors.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                            .mulRowVector(lengths);
                }
            }
            try (INDArray images = images(features, from, to)) {
                return images.transpose().mmul(vectors);
            }
        }

        /** The square roots of the sums of squares, or what they are to be divided by. */
        private INDArray lengths(int power) {
            return Nd4j.createFromArray(Arrays.stream(squares)
                    .map(square -> square == 0 ? 0 : Math.pow(square, 0.5 * power))
                    .toArray());
        }

        /**
         * The products of all images' scores with what is known of the images besides.
         *
         * @param known [images, ...]
         * @return [components, ...], to be closed
         */
        INDArray products(INDArray known) {
            if (few) {
                try (INDArray lengths = lengths(1)) {
                    return vectors.transpose().mmul(known).muliColumnVector(lengths);
                }
            }
            try (INDArray sum = Nd4j.create(DataType.DOUBLE, new long[] {features.width(), known.columns()}, 'f')) {
                for (int from = 0; from < features.rows(); from += AT_ONCE) {
                    int to = Math.min(features.rows(), from + AT_ONCE);
                    try (INDArray images = images(features, from, to);
                            INDArray some = known.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                                    .dup('f')) {
                        Nd4j.gemm(images, some, sum, false, false, 1, 1);
                    }
                }
                return vectors.transpose().mmul(sum);
            }
        }

        /**
         * A linear function of the features, of that of the components.
         *
         * @param factors [components, outputs]
         * @return [outputs][features]
         */
        double[][] ofFeatures(INDArray factors) {
            if (!few) {
                try (INDArray all = vectors.mmul(factors)) {
                    return all.transpose().toDoubleMatrix();
                }
            }
            double[][] all = new double[factors.columns()][features.width()];
            try (INDArray lengths = lengths(-1);
                    INDArray divided = factors.mulColumnVector(lengths);
                    INDArray ofImages = vectors.mmul(divided)) {
                for (int from = 0; from < features.width(); from += AT_ONCE) {
                    int to = Math.min(features.width(), from + AT_ONCE);
                    try (INDArray some = features(features, from, to);
                            INDArray part = some.mmul(ofImages)) {
                        for (int j = from; j < to; j++) {
                            for (int output = 0; output < all.length; output++) {
                                all[output][j] = part.getDouble(j - from, output);
                            }
                        }
                    }
                }
            }
            return all;
        }

        @Override
        public void close() {
            vectors.close();
        }
    }
}
