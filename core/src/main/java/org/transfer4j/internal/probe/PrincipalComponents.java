package org.transfer4j.internal.probe;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * The directions in which standardized features vary, each at right angles to the others, by the eigenvectors of the features'
 * products with each other or, where images are fewer, of the images' products with each other. All in double.
 */
final class PrincipalComponents implements AutoCloseable {
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
