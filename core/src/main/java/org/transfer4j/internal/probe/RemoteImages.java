package org.transfer4j.internal.probe;

import java.util.List;

/** Images of a logistic regression whose features are elsewhere, by others who add up what they make of theirs. */
public interface RemoteImages {
    /** How many features an image has. */
    int width();

    /** The sums of each feature. */
    double[] sums();

    /** The sums of squares of what each feature is away from its mean. */
    double[] squares(double[] means);

    /**
     * What others have to know to add up.
     *
     * @param means of each feature
     * @param deviations of each feature, by which it is divided
     * @param labels the class of each image
     * @param parts of each image, the part in which it is held out
     * @param classWeights by class: how much its images count
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Known(double[] means, double[] deviations, int[] labels, int[] parts, double[] classWeights) {}

    /** Tells what is known, before anything is asked that follows. */
    void prepare(Known known);

    /**
     * The sums of {@link LogisticBlock#losses}.
     *
     * @param heldOut the part that each problem leaves out, -1 for none
     * @param points where each problem is evaluated
     */
    double[][] losses(int[] heldOut, List<double[]> points);

    /** The sums of {@link LogisticBlock#scores}. */
    double[][] scores(int[] heldOut, List<double[]> points);
}
