package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.engine.onednn.MatrixProduct;
import org.transfer4j.internal.engine.onednn.MatrixProduct.Operand;
import org.transfer4j.internal.engine.onednn.OneDnn;
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
                images, features.width(), parts -> new SumsHere(features, images, parts), heldOut);
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

    /** Of images whose features are here: two products of matrices for all problems. Owns native memory, but not the features. */
    static final class SumsHere implements Sums {
        private static final int ROWS_AT_ONCE = 128;

        /** Features whose gradient one thread computes at a time. */
        private static final int WIDTH_AT_ONCE = 128;

        /** Whether threads multiply pieces, and ND4J's not the whole, which would wait for each other: longest where others are busy. */
        private static final boolean IN_PIECES = OneDnn.available() && OneDnn.holdsArrays();

        private final FeatureMatrix features;
        private final Images images;

        /** By problem. */
        private final int[] heldOut;

        private final int classes;
        private final int rows;

        /** Of the products: a class of a problem each. */
        private final int columns;

        /** [width, columns]. */
        private final INDArray weights;

        private final INDArray gradient;

        /** [columns, images]: what the layers give, then by how much probabilities are too large. */
        private final INDArray scores;

        SumsHere(FeatureMatrix features, Images images, int[] heldOut) {
            this.features = features;
            this.images = images;
            this.heldOut = heldOut;
            classes = images.classWeights().length;
            rows = images.labels().length;
            columns = heldOut.length * classes;
            weights = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), columns}, 'f');
            gradient = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), columns}, 'f');
            scores = Nd4j.createUninitialized(DataType.FLOAT, new long[] {columns, rows}, 'f');
        }

        private void score(List<double[]> points) {
            FloatBuffer buffer = weights.data().asNioFloat();
            float[] values = new float[classes * features.width()];
            for (double[] point : points) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) point[i];
                }
                buffer.put(values);
            }
            if (!IN_PIECES) {
                Nd4j.gemm(weights, features.values(), scores, true, false, 1, 0);
                return;
            }
            int width = features.width();
            inPieces(
                    rows,
                    ROWS_AT_ONCE,
                    (from, to) -> new MatrixProduct(false, true, to - from, columns, width)
                            .compute(
                                    1,
                                    Operand.of(features.values(), (long) from * width, width),
                                    Operand.of(weights, 0, width),
                                    0,
                                    Operand.of(scores, (long) from * columns, columns)));
        }

        /** Of the scores, which are residuals then. */
        private void slope() {
            if (!IN_PIECES) {
                Nd4j.gemm(features.values(), scores, gradient, false, true, 1, 0);
                return;
            }
            int width = features.width();
            inPieces(
                    width,
                    WIDTH_AT_ONCE,
                    (from, to) -> new MatrixProduct(true, false, columns, to - from, rows)
                            .compute(
                                    1,
                                    Operand.of(scores, 0, columns),
                                    Operand.of(features.values(), from, width),
                                    0,
                                    Operand.of(gradient, from, width)));
        }

        /** Pieces by a fixed rule: the same bits, whoever computes them. */
        private static void inPieces(int all, int atOnce, Piece piece) {
            Workers.run((all + atOnce - 1) / atOnce, i -> piece.compute(i * atOnce, Math.min(all, (i + 1) * atOnce)));
        }

        private interface Piece {
            void compute(int from, int to);
        }

        @Override
        public double[][] losses(List<double[]> points) {
            score(points);
            // by piece and column the residuals' sums, then the losses: added up in one order, whoever is first
            double[][] pieces = new double[(rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE][columns + heldOut.length];
            inPieces(rows, ROWS_AT_ONCE, (from, to) -> derive(from, to, points, pieces[from / ROWS_AT_ONCE]));
            slope();
            double[][] losses = new double[heldOut.length][];
            Workers.run(heldOut.length, problem -> losses[problem] = loss(problem, pieces));
            return losses;
        }

        private double[] loss(int problem, double[][] pieces) {
            int size = classes * features.width();
            float[] slope = new float[size];
            gradient.data().asNioFloat().get(problem * size, slope);
            double[] sums = new double[size + classes + 1];
            for (int i = 0; i < size; i++) {
                sums[i] = slope[i];
            }
            for (double[] piece : pieces) {
                for (int c = 0; c < classes; c++) {
                    sums[size + c] += piece[problem * classes + c];
                }
                sums[size + classes] += piece[columns + problem];
            }
            return sums;
        }

        private void derive(int from, int to, List<double[]> points, double[] sums) {
            float[] values = new float[(to - from) * columns];
            FloatBuffer buffer = scores.data().asNioFloat();
            buffer.get(from * columns, values);
            for (int problem = 0; problem < heldOut.length; problem++) {
                double[] point = points.get(problem);
                float[] bias = new float[classes];
                for (int c = 0; c < classes; c++) {
                    bias[c] = (float) point[point.length - classes + c];
                }
                for (int i = from; i < to; i++) {
                    int start = (i - from) * columns + problem * classes;
                    double weight = images.weight(heldOut[problem], i);
                    if (weight == 0) {
                        Arrays.fill(values, start, start + classes, 0);
                        continue;
                    }
                    sums[columns + problem] += weight * residuals(values, start, bias, images.labels()[i], weight);
                    for (int c = 0; c < classes; c++) {
                        sums[problem * classes + c] += values[start + c];
                    }
                }
            }
            buffer.put(from * columns, values);
        }

        /** Turns scores into weighted residuals, and gives the cross-entropy. */
        private double residuals(float[] values, int start, float[] bias, int label, double weight) {
            float largest = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                values[start + c] += bias[c];
                largest = Math.max(largest, values[start + c]);
            }
            double own = (double) values[start + label] - largest;
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                double power = Math.exp((double) values[start + c] - largest);
                values[start + c] = (float) power;
                sum += power;
            }
            float scale = (float) (weight / sum);
            for (int c = 0; c < classes; c++) {
                values[start + c] *= scale;
            }
            values[start + label] -= (float) weight;
            return Math.log(sum) - own;
        }

        @Override
        public double[][] scores(List<double[]> points) {
            score(points);
            double[][] sums = new double[heldOut.length][];
            Arrays.setAll(sums, problem -> held(problem, points.get(problem)));
            return sums;
        }

        private double[] held(int problem, double[] point) {
            FloatBuffer buffer = scores.data().asNioFloat();
            double[] row = new double[classes];
            int held = 0;
            int right = 0;
            double loss = 0;
            for (int i = 0; i < rows; i++) {
                if (images.judges(heldOut[problem], i)) {
                    int label = images.labels()[i];
                    int best = read(buffer, i * columns + problem * classes, point, row);
                    double own = row[label] - row[best];
                    held++;
                    right += best == label ? 1 : 0;
                    loss += Math.log(exponentials(row, best)) - own;
                }
            }
            return new double[] {held, right, loss};
        }

        /** What each image's class is to the problem that left it out: probabilities, image after image. */
        float[] heldOutProbabilities(List<double[]> points) {
            score(points);
            FloatBuffer buffer = scores.data().asNioFloat();
            float[] probabilities = new float[rows * classes];
            double[] row = new double[classes];
            for (int problem = 0; problem < heldOut.length; problem++) {
                for (int i = 0; i < rows; i++) {
                    if (images.parts()[i] == heldOut[problem]) {
                        int best = read(buffer, i * columns + problem * classes, points.get(problem), row);
                        double sum = exponentials(row, best);
                        for (int c = 0; c < classes; c++) {
                            probabilities[i * classes + c] = (float) (row[c] / sum);
                        }
                    }
                }
            }
            return probabilities;
        }

        /** Reads an image's scores, and says which is the largest. */
        private int read(FloatBuffer buffer, int start, double[] point, double[] row) {
            int best = 0;
            for (int c = 0; c < classes; c++) {
                row[c] = buffer.get(start + c) + point[point.length - classes + c];
                best = row[c] > row[best] ? c : best;
            }
            return best;
        }

        /** Makes scores exponentials of what they are above the largest, and adds them up. */
        private static double exponentials(double[] row, int best) {
            double largest = row[best];
            double sum = 0;
            for (int c = 0; c < row.length; c++) {
                row[c] = Math.exp(row[c] - largest);
                sum += row[c];
            }
            return sum;
        }

        @Override
        public void close() {
            weights.close();
            gradient.close();
            scores.close();
        }
    }
}
