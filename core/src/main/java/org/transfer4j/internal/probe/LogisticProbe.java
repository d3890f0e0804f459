package org.transfer4j.internal.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;

/**
 * A logistic regression whose strength is chosen by cross-validation, as scikit-learn's
 * {@code LogisticRegressionCV(scoring="accuracy")} chooses it: ten values of C, stratified parts, in each the solutions
 * from the strongest penalty on to the weakest, each from the one before; that C whose mean accuracy on what was held out is
 * highest; then a fit to all images, which begins with the mean of the parts' solutions. Of equal accuracies it is the one
 * with the lowest mean cross-entropy, where scikit-learn takes the strongest penalty: on easy images, whose accuracy is
 * the same for nearly all, that one gives each class about the same probability.
 */
public final class LogisticProbe {
    /** scikit-learn's default grid: 10^-4 to 10^4, evenly in the exponent. */
    private static final double[] STRENGTHS = IntStream.range(0, 10)
            .mapToDouble(i -> Math.pow(10, -4 + i * 8 / 9.0))
            .toArray();

    /** 8e-4. */
    private static final int FIRST_JUDGED = 1;

    /** 3. */
    private static final int LAST_JUDGED = 5;

    private static final int PARTS = 5;
    private static final double ALONE = 1;

    /** Of a sum of parts of one. */
    private static final double ROUNDING = 1e-12;

    /** scikit-learn's. */
    private static final double ROUGH = 1e-4;

    private static final int ROUGH_STEPS = 100;
    private static final double FINE = 1e-6;
    private static final int FINE_STEPS = 1000;

    private static final String ADVICE = "; Head.globalAveragePooling() has fewer features than Head.flatten()";

    private static final Logger LOG = LoggerFactory.getLogger(LogisticProbe.class);

    /** By parameter and part: a search, where it begins, the best solution so far, and the gradient twice. */
    private static final int BYTES_PER_PARAMETER = Descent.BYTES_PER_PARAMETER + 4 * Double.BYTES;

    private LogisticProbe() {}

    /**
     * What was learned.
     *
     * @param layer for features as they are
     * @param strength the chosen C
     * @param accuracies the mean accuracy of each C that was tried; empty where none could be
     */
    public record Learned(LinearLayer layer, double strength, List<Double> accuracies) {}

    /** What it needs outside of the heap, in bytes. */
    public static long nativeBytes(long images, long width, long classes) {
        long columns = PARTS * classes;
        return (long) (Float.BYTES * ((double) images * width + 2.0 * columns * width + (double) images * columns));
    }

    /** What it needs on the heap at least, in bytes. */
    public static long heapBytes(long width, long classes) {
        return (long) ((double) PARTS * classes * (width + 1) * BYTES_PER_PARAMETER);
    }

    /** Whether the heap can hold it. */
    public static boolean fitsHeap(long width, long classes) {
        return heapBytes(width, classes) <= Runtime.getRuntime().maxMemory();
    }

    /**
     * Refuses what the heap can't hold.
     *
     * @param what the work, for the message
     * @throws IllegalArgumentException if it can't
     */
    public static void requireHeap(String what, long bytes) {
        long most = Runtime.getRuntime().maxMemory();
        if (bytes > most) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s needs %,d MB of heap, but -Xmx is %,d MB%s",
                    what,
                    bytes >> 20,
                    most >> 20,
                    ADVICE));
        }
    }

    /** Whether all that it has of the images fits arrays. */
    public static boolean isIndexable(long images, long width, long classes) {
        return Math.max((double) images, (double) PARTS * classes) * Math.max(width, 1) <= Integer.MAX_VALUE
                && (double) images * PARTS * classes <= Integer.MAX_VALUE;
    }

    /**
     * Learns.
     *
     * @param labels the class of each image
     * @param classWeights by class: how much its images count
     */
    public static Learned learn(FeatureMatrix features, int[] labels, double[] classWeights) {
        LogisticRegression.Images images = images(labels, classWeights, new BitSet());
        return learn(images, heldOut -> LogisticRegression.here(features, images, heldOut), features::folded);
    }

    /**
     * Learns of images whose features are elsewhere.
     *
     * @param labels the class of each image
     * @param classWeights by class: how much its images count
     */
    public static Learned learn(RemoteImages images, int[] labels, double[] classWeights) {
        double[] means = images.sums();
        for (int j = 0; j < means.length; j++) {
            means[j] /= labels.length;
        }
        double[] deviations = images.squares(means);
        for (int j = 0; j < means.length; j++) {
            deviations[j] = FeatureMatrix.deviation(labels.length, deviations[j] / labels.length, means[j]);
        }
        FeatureMatrix.requireFinite(deviations);
        LogisticRegression.Images known = images(labels, classWeights, new BitSet());
        images.prepare(new RemoteImages.Known(means, deviations, labels, known.parts(), classWeights));
        return learn(
                known,
                heldOut -> LogisticRegression.elsewhere(images, known, heldOut),
                layer -> layer.folded(means, deviations));
    }

    /** Images in as many stratified parts as the largest class has images, {@value #PARTS} at most. */
    private static LogisticRegression.Images images(int[] labels, double[] classWeights, BitSet leftOut) {
        int parts = parts(labels, classWeights.length);
        int[] ofImage = parts < 2
                ? new int[labels.length]
                : Folds.stratified(labels, parts).ofImage();
        return new LogisticRegression.Images(labels, classWeights, ofImage, leftOut);
    }

    private static LogisticRegression.Images equallyWeighted(int[] labels, int classes, BitSet leftOut) {
        double[] equal = new double[classes];
        Arrays.fill(equal, 1);
        return images(labels, equal, leftOut);
    }

    private static int parts(int[] labels, int classes) {
        return Math.min(PARTS, Arrays.stream(Folds.sizes(labels, classes)).max().orElse(0));
    }

    /** The parts, each left out by one problem. */
    private static int[] eachPart(LogisticRegression.Images images) {
        return IntStream.range(0, parts(images.labels(), images.classWeights().length))
                .toArray();
    }

    private static Learned learn(
            LogisticRegression.Images images,
            Function<int[], LogisticRegression> leavingOut,
            UnaryOperator<LinearLayer> folded) {
        LogisticRegression whole = leavingOut.apply(new int[] {-1});
        int[] sizes = Folds.sizes(images.labels(), images.classWeights().length);
        int[] parts = eachPart(images);
        if (parts.length < 2) {
            LOG.warn("one image a class leaves none to choose the probe's strength with: C is {}", ALONE);
            return learned(whole, whole.starts(), ALONE, List.of(), folded);
        }
        if (IntStream.of(sizes).anyMatch(size -> size > 0 && size < parts.length)) {
            LOG.warn(
                    "the probe's strength is chosen with {} parts of the images, but of one class there are only {}",
                    parts.length,
                    IntStream.of(sizes).filter(size -> size > 0).min().orElseThrow());
        }
        Search search = search(leavingOut.apply(parts), STRENGTHS);
        LOG.info("the probe's strength is C = {}, of {}", search.strength(), tried(search.accuracies()));
        return learned(whole, List.of(mean(search.solutions())), search.strength(), search.accuracies(), folded);
    }

    /**
     * What each image's class is to a regression that did not learn from it, of the same strength as {@link #learn} chooses:
     * five stratified parts.
     *
     * @param labels the class of each image; one class has two images or more
     * @param leftOut images that none learns from
     * @return probabilities [images, classes], image after image
     */
    public static float[] heldOutProbabilities(FeatureMatrix features, int[] labels, int classes, BitSet leftOut) {
        LogisticRegression.Images images = equallyWeighted(labels, classes, leftOut);
        int[] parts = eachPart(images);
        Search search = search(LogisticRegression.here(features, images, parts), STRENGTHS);
        try (LogisticRegression.SumsHere sums = new LogisticRegression.SumsHere(features, images, parts)) {
            return sums.heldOutProbabilities(search.solutions());
        }
    }

    /**
     * How a regression would do, of the same strength as {@link #learn} chooses, on images that it did not learn from.
     *
     * @param accuracy the part of them that is classified right
     * @param loss their mean cross-entropy
     */
    public record Judgement(double accuracy, double loss) {}

    /**
     * Judges features by a regression on them: the means over five stratified parts, each held out once. Of the strengths only
     * those are tried that are mostly chosen, about 1e-3 to 3.
     *
     * @param labels the class of each image; one class has two images or more
     */
    public static Judgement judge(FeatureMatrix features, int[] labels, int classes) {
        if (features.rows() >= features.width()) {
            return judged(features, equallyWeighted(labels, classes, new BitSet()));
        }
        try (FeatureMatrix turned = features.turned()) {
            return judged(turned, equallyWeighted(labels, classes, new BitSet()));
        }
    }

    private static Judgement judged(FeatureMatrix features, LogisticRegression.Images images) {
        Search search = search(
                LogisticRegression.here(features, images, eachPart(images)),
                Arrays.copyOfRange(STRENGTHS, FIRST_JUDGED, LAST_JUDGED + 1));
        return new Judgement(Collections.max(search.accuracies()), search.loss());
    }

    /** The best strength, and with it the solutions without each of the parts. */
    private record Search(List<double[]> solutions, double strength, List<Double> accuracies, double loss) {}

    private static Search search(LogisticRegression folds, double[] strengths) {
        List<Double> accuracies = new ArrayList<>();
        double lowest = Double.NaN;
        List<double[]> last = folds.starts();
        List<double[]> bestSolutions = last;
        int best = 0;
        for (int i = 0; i < strengths.length; i++) {
            last = folds.solve(last, strengths[i], ROUGH, ROUGH_STEPS);
            Judgement judgement = folds.judge(last);
            accuracies.add(judgement.accuracy());
            double better = accuracies.get(i) - accuracies.get(best);
            if (i == 0 || better > ROUNDING || (better > -ROUNDING && judgement.loss() < lowest)) {
                best = i;
                bestSolutions = last;
                lowest = judgement.loss();
            }
        }
        return new Search(bestSolutions, strengths[best], accuracies, lowest);
    }

    private static Learned learned(
            LogisticRegression whole,
            List<double[]> from,
            double strength,
            List<Double> accuracies,
            UnaryOperator<LinearLayer> folded) {
        double[] solution = whole.solve(from, strength, FINE, FINE_STEPS).get(0);
        return new Learned(folded.apply(whole.layer(solution)), strength, accuracies);
    }

    private static double[] mean(List<double[]> solutions) {
        double[] mean = new double[solutions.get(0).length];
        for (double[] solution : solutions) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += solution[i] / solutions.size();
            }
        }
        return mean;
    }

    private static String tried(List<Double> accuracies) {
        return IntStream.range(0, accuracies.size())
                .mapToObj(i -> String.format(Locale.ROOT, "%.3g: %.4f", STRENGTHS[i], accuracies.get(i)))
                .toList()
                .toString();
    }

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
         * The sums of {@link Block#losses}.
         *
         * @param heldOut the part that each problem leaves out, -1 for none
         * @param points where each problem is evaluated
         */
        double[][] losses(int[] heldOut, List<double[]> points);

        /** The sums of {@link Block#scores}. */
        double[][] scores(int[] heldOut, List<double[]> points);

        /** Some of the images of a logistic regression, consecutive ones: what they add to the others. Owns native memory. */
        final class Block implements AutoCloseable {
            private final FeatureMatrix features;
            private final Known known;
            private final int from;

            /**
             * Standardizes features.
             *
             * @param features of one image after the other
             * @param from the first image's number among all
             */
            public Block(float[] features, Known known, int from) {
                this.features = FeatureMatrix.standardized(features, known.means(), known.deviations());
                this.known = known;
                this.from = from;
            }

            private LogisticRegression.Sums of(int[] heldOut) {
                int to = from + features.rows();
                LogisticRegression.Images images = new LogisticRegression.Images(
                        Arrays.copyOfRange(known.labels(), from, to),
                        known.classWeights(),
                        Arrays.copyOfRange(known.parts(), from, to),
                        new BitSet());
                return new LogisticRegression.SumsHere(features, images, heldOut);
            }

            /** By problem: the gradient's sums, weights class by class and then biases; last the loss's; all of them weighted. */
            public double[][] losses(int[] heldOut, List<double[]> points) {
                try (LogisticRegression.Sums sums = of(heldOut)) {
                    return sums.losses(points);
                }
            }

            /** By problem, of the images that it leaves out: how many, how many are classified right, and their cross-entropy. */
            public double[][] scores(int[] heldOut, List<double[]> points) {
                try (LogisticRegression.Sums sums = of(heldOut)) {
                    return sums.scores(points);
                }
            }

            @Override
            public void close() {
                features.close();
            }
        }
    }
}
