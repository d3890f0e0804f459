package org.transfer4j.internal.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Some of the images of a logistic regression, consecutive ones: what they add to {@link RemoteImages}. Owns native memory. */
public final class LogisticBlock implements AutoCloseable {
    private final FeatureMatrix features;
    private final RemoteImages.Known known;
    private final int from;

    /**
     * Standardizes features.
     *
     * @param features of one image after the other
     * @param from the first image's number among all
     */
    public LogisticBlock(float[] features, RemoteImages.Known known, int from) {
        this.features = FeatureMatrix.standardized(features, known.means(), known.deviations());
        this.known = known;
        this.from = from;
    }

    private LogisticSums of(int[] heldOut) {
        int to = from + features.rows();
        LogisticRegression.Images images = new LogisticRegression.Images(
                Arrays.copyOfRange(known.labels(), from, to),
                known.classWeights(),
                Arrays.copyOfRange(known.parts(), from, to),
                new BitSet());
        return new LogisticSums(features, images, heldOut);
    }

    /** By problem: the gradient's sums, weights class by class and then biases; last the loss's; all of them weighted. */
    public double[][] losses(int[] heldOut, List<double[]> points) {
        try (LogisticSums sums = of(heldOut)) {
            return sums.losses(points);
        }
    }

    /** By problem, of the images that it leaves out: how many, how many are classified right, and their cross-entropy. */
    public double[][] scores(int[] heldOut, List<double[]> points) {
        try (LogisticSums sums = of(heldOut)) {
            return sums.scores(points);
        }
    }

    @Override
    public void close() {
        features.close();
    }
}
