package org.transfer4j.internal.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;
import org.transfer4j.internal.probe.LogisticProbe.RemoteImages;
import org.transfer4j.internal.thread.Workers;

/**
 * Multinomial logistic regression with an L2 penalty on the weights, not on the biases: what scikit-learn's
 * {@code LogisticRegression(C)} makes small, C * sum(weight * cross-entropy) + |W|^2 / 2, divided by C * sum(weight). Where two
 * classes have images, scikit-learn has one vector of weights, the difference of the two here, of which |W|^2 is half the square:
 * there the penalty is |W|^2. Several such problems, each on images of its own out of the same ones, are solved side by side:
 * their columns make one product of matrices, which passes over the features once.
 */
final class LogisticRegression {
    private final Images images;
    private final int width;
    private final int classes;
    private final Function<int[], Sums> sums;

    /** The part that each problem leaves out; none where it learns from all images. */
    private final int[] heldOut;

    /** How often |W|^2 / 2 counts. */
    private final double penalties;

    /** By problem, of the images that it learns from. */
    private final double[] totalWeight;

    /**
     * What is learned from.
     *
     * @param labels the class of each image
     * @param classWeights by class: how much its images count
     * @param parts of each image, the part in which it is held out
     * @param leftOut images that no problem learns from nor is judged by, though they are predicted; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Images(int[] labels, double[] classWeights, int[] parts, BitSet leftOut) {
        /** How much an image counts where a part is left out. */
        double weight(int heldOut, int image) {
            return parts[image] == heldOut || leftOut.get(image) ? 0 : classWeights[labels[image]];
        }

        /** Whether an image judges what was learned without a part. */
        boolean judges(int heldOut, int image) {
            return parts[image] == heldOut && !leftOut.get(image);
        }
    }

    /** What the images add up to in some problems, wherever their features are. */
    interface Sums extends AutoCloseable {
        /**
         * By problem: the gradient's sums, weights class by class and then biases; last the loss's; all of them weighted.
         *
         * @param points where each is evaluated: the weights class by class, then the biases
         */
        double[][] losses(List<double[]> points);

        /** By problem, of the images that it leaves out: how many, how many are classified right, and their cross-entropy. */
        double[][] scores(List<double[]> points);

        @Override
        void close();
    }

    private LogisticRegression(Images images, int width, Function<int[], Sums> sums, int[] heldOut) {
        this.images = images;
        this.width = width;
        this.classes = images.classWeights().length;
        this.sums = sums;
        this.heldOut = heldOut;
        penalties = IntStream.of(images.labels()).distinct().count() == 2 ? 2 : 1;
        totalWeight = new double[heldOut.length];
        for (int p = 0; p < heldOut.length; p++) {
            for (int i = 0; i < images.labels().length; i++) {
                totalWeight[p] += images.weight(heldOut[p], i);
            }
        }
    }

    /**
     * Problems whose features are here.
     *
     * @param heldOut the part that each problem leaves out, -1 for none
     */
    static LogisticRegression here(FeatureMatrix features, Images images, int[] heldOut) {
        return new LogisticRegression(
                images, features.width(), parts -> new LogisticSums(features, images, parts), heldOut);
    }

    /** Problems whose features are elsewhere, of images of which none is left out. */
    static LogisticRegression elsewhere(RemoteImages remote, Images images, int[] heldOut) {
        return new LogisticRegression(images, remote.width(), parts -> remoteSums(remote, parts), heldOut);
    }

    private static Sums remoteSums(RemoteImages remote, int[] heldOut) {
        return new Sums() {
            @Override
            public double[][] losses(List<double[]> points) {
                return remote.losses(heldOut, points);
            }

            @Override
            public double[][] scores(List<double[]> points) {
                return remote.scores(heldOut, points);
            }

            @Override
            public void close() {
                // nothing is here
            }
        };
    }

    /** Where searches begin that know nothing: no weights, and biases as the classes are frequent. */
    List<double[]> starts() {
        return IntStream.range(0, heldOut.length).mapToObj(this::start).toList();
    }

    private double[] start(int problem) {
        double[] frequency = new double[classes];
        for (int i = 0; i < images.labels().length; i++) {
            frequency[images.labels()[i]] += images.weight(heldOut[problem], i) / totalWeight[problem];
        }
        // a class without images is as good as impossible
        double[] bias =
                Arrays.stream(frequency).map(f -> Math.log(Math.max(f, 1e-7))).toArray();
        double mean = Arrays.stream(bias).average().orElse(0);
        double[] start = new double[classes * (width + 1)];
        for (int c = 0; c < classes; c++) {
            start[classes * width + c] = bias[c] - mean;
        }
        return start;
    }

    /**
     * Solves all problems.
     *
     * @param from where each begins: the weights class by class, then the biases
     * @param strength C, the inverse of the penalty
     * @param tolerance the largest entry of the gradient with which a search ends
     * @param mostSteps with which it ends in any case
     * @return the solutions
     */
    List<double[]> solve(List<double[]> from, double strength, double tolerance, int mostSteps) {
        List<Descent> searches = from.stream()
                .map(start -> new Descent(start, tolerance, mostSteps))
                .toList();
        int[] unsolved = IntStream.range(0, heldOut.length).toArray();
        while (unsolved.length > 0) {
            try (Sums some = sums(unsolved)) {
                while (IntStream.of(unsolved).noneMatch(p -> searches.get(p).isDone())) {
                    Interruption.check("the logistic regression");
                    evaluate(searches, unsolved, some, strength);
                }
            }
            unsolved = IntStream.of(unsolved)
                    .filter(p -> !searches.get(p).isDone())
                    .toArray();
        }
        return searches.stream().map(Descent::point).toList();
    }

    private Sums sums(int[] problems) {
        return sums.apply(IntStream.of(problems).map(p -> heldOut[p]).toArray());
    }

    private void evaluate(List<Descent> searches, int[] problems, Sums sums, double strength) {
        double[][] losses = sums.losses(
                IntStream.of(problems).mapToObj(p -> searches.get(p).point()).toList());
        Workers.run(
                problems.length,
                place -> tell(searches.get(problems[place]), totalWeight[problems[place]], strength, losses[place]));
    }

    /** Divides by the images' weight, adds the penalty and tells a search. */
    private void tell(Descent search, double total, double strength, double[] sums) {
        double[] point = search.point();
        double penalty = penalties / (strength * total);
        double squares = 0;
        double[] slope = new double[point.length];
        for (int i = 0; i < slope.length; i++) {
            slope[i] = sums[i] / total;
        }
        for (int i = 0; i < classes * width; i++) {
            slope[i] += penalty * point[i];
            squares += point[i] * point[i];
        }
        search.evaluated(sums[point.length] / total + penalty / 2 * squares, slope);
    }

    /** Judges a solution of each problem by the images that it left out: the means over the problems. */
    LogisticProbe.Judgement judge(List<double[]> solutions) {
        try (Sums all = sums.apply(heldOut)) {
            double[][] scores = all.scores(solutions);
            return new LogisticProbe.Judgement(
                    mean(scores, score -> score[1] / score[0]), mean(scores, score -> score[2] / score[0]));
        }
    }

    private static double mean(double[][] scores, ToDoubleFunction<double[]> figure) {
        return Arrays.stream(scores).mapToDouble(figure).average().orElseThrow();
    }

    /** The layer that a solution is. */
    LinearLayer layer(double[] solution) {
        double[][] weights = new double[classes][];
        Arrays.setAll(weights, c -> Arrays.copyOfRange(solution, c * width, (c + 1) * width));
        return new LinearLayer(weights, Arrays.copyOfRange(solution, classes * width, solution.length));
    }
}
