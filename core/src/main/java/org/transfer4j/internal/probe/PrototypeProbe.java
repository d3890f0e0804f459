package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;

/** The nearest class mean by the cosine, as a linear layer. */
public final class PrototypeProbe {
    private static final int PARTS = 5;
    private static final double WIDEST = 1e4;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    /** Of a cosine, where no image can be held out to choose it, or all that are held out are right. */
    private static final double COSINE_SCALE = 10;

    /** What makes a class without images as good as impossible. */
    private static final double NEVER = -1000;

    private final FeatureMatrix features;
    private final int[] labels;
    private final int classes;

    /** By class, of its images. */
    private final int[] sizes;

    private PrototypeProbe(FeatureMatrix features, int[] labels, int classes) {
        this.features = features;
        this.labels = labels;
        this.classes = classes;
        sizes = Folds.sizes(labels, classes);
    }

    /** What it needs of native memory, in bytes: the features, and prototypes and the images' products with them. */
    public static long nativeBytes(long images, long width, long classes) {
        return (long) (Float.BYTES * ((double) images * width + (double) classes * width + (double) images * classes));
    }

    /** What it needs on the heap at least, in bytes: prototypes, as they are and folded, and the products. */
    public static long heapBytes(long images, long width, long classes) {
        return (long) (2.0 * Double.BYTES * classes * width + Float.BYTES * (double) images * classes);
    }

    /** Whether all that it has of the images fits arrays. */
    public static boolean isIndexable(long images, long width, long classes) {
        return (double) Math.max(images, classes) * Math.max(width, 1) <= Integer.MAX_VALUE
                && (double) images * classes <= Integer.MAX_VALUE;
    }

    /**
     * Learns.
     *
     * @param labels the class of each image
     * @return a layer for features as they are
     */
    public static LinearLayer learn(FeatureMatrix features, int[] labels, int classes) {
        return features.folded(new PrototypeProbe(features, labels, classes).layer());
    }

    private LinearLayer layer() {
        int parts = Math.min(PARTS, Arrays.stream(sizes).max().orElse(0));
        double scale = parts < 2 ? usualScale() : bestScale(heldOut(parts));
        double[][] weights = prototypes(image -> true);
        double[] bias = new double[classes];
        for (int c = 0; c < classes; c++) {
            for (int j = 0; j < weights[c].length; j++) {
                weights[c][j] *= scale;
            }
            bias[c] = sizes[c] == 0 ? NEVER : 0;
        }
        return new LinearLayer(weights, bias);
    }

    /** The means of some images' directions, each of length 1, or 0 where there are none. */
    private double[][] prototypes(IntPredicate images) {
        double[][] sums = new double[classes][features.width()];
        FloatBuffer all = features.values().data().asNioFloat();
        float[] row = new float[features.width()];
        for (int i = 0; i < labels.length; i++) {
            if (images.test(i)) {
                all.get(i * row.length, row);
                double length = Math.sqrt(Distances.square(row));
                for (int j = 0; j < row.length && length > 0; j++) {
                    sums[labels[i]][j] += row[j] / length;
                }
            }
        }
        for (double[] sum : sums) {
            double length =
                    Math.sqrt(Arrays.stream(sum).map(value -> value * value).sum());
            for (int j = 0; j < sum.length && length > 0; j++) {
                sum[j] /= length;
            }
        }
        return sums;
    }

    /** By the mean length of the images. */
    private double usualScale() {
        double sum = 0;
        for (double square : Distances.squares(features.values())) {
            sum += Math.sqrt(square);
        }
        return sum > 0 ? COSINE_SCALE / (sum / labels.length) : COSINE_SCALE;
    }

    /** The products of each image with prototypes that were made without it, image after image. */
    private float[] heldOut(int number) {
        Folds folds = Folds.stratified(labels, number);
        float[] products = new float[labels.length * classes];
        try (INDArray weights = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), classes}, 'f');
                INDArray scores = Nd4j.createUninitialized(DataType.FLOAT, new long[] {classes, labels.length}, 'f')) {
            for (int part = 0; part < number; part++) {
                Interruption.check("the probe");
                int held = part;
                FloatBuffer buffer = weights.data().asNioFloat();
                for (double[] prototype : prototypes(image -> folds.ofImage()[image] != held)) {
                    for (double value : prototype) {
                        buffer.put((float) value);
                    }
                }
                Nd4j.gemm(weights, features.values(), scores, true, false, 1, 0);
                FloatBuffer all = scores.data().asNioFloat();
                for (int i : folds.images(part, true)) {
                    all.get(i * classes, products, i * classes, classes);
                }
            }
        }
        return products;
    }

    /**
     * Where the loss, which is convex, is lowest, by golden section of its logarithm. Where each image is right, the loss would be
     * the lower the larger the scale, and all probabilities 0 or 1.
     */
    private double bestScale(float[] products) {
        if (IntStream.range(0, labels.length).allMatch(i -> isRight(products, i))) {
            return usualScale();
        }
        DoubleUnaryOperator loss = exponent -> loss(products, Math.exp(exponent));
        double low = -Math.log(WIDEST);
        double high = Math.log(WIDEST);
        for (int i = 0; i < 40; i++) {
            double lower = high - GOLDEN * (high - low);
            double upper = low + GOLDEN * (high - low);
            if (loss.applyAsDouble(lower) <= loss.applyAsDouble(upper)) {
                high = upper;
            } else {
                low = lower;
            }
        }
        return Math.exp((low + high) / 2);
    }

    private boolean isRight(float[] products, int image) {
        float own = products[image * classes + labels[image]];
        return IntStream.range(0, classes).allMatch(c -> sizes[c] == 0 || products[image * classes + c] <= own);
    }

    /** Among the classes that have images: the others are as good as impossible. */
    private double loss(float[] products, double scale) {
        double loss = 0;
        for (int i = 0; i < labels.length; i++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                largest = sizes[c] == 0 ? largest : Math.max(largest, scale * products[i * classes + c]);
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += sizes[c] == 0 ? 0 : Math.exp(scale * products[i * classes + c] - largest);
            }
            loss += Math.log(sum) + largest - scale * products[i * classes + labels[i]];
        }
        return loss;
    }
}
