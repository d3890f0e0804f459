package org.transfer4j.internal.probe;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.thread.Workers;

/**
 * Multinomial logistic regression with an L2 penalty on the weights, not on the biases: what scikit-learn's
 * {@code LogisticRegression(C)} makes small, C * sum(weight * cross-entropy) + |W|^2 / 2, divided by C * sum(weight). Several
 * such problems, each on images of its own out of the same matrix, are solved side by side: their columns make one product
 * of matrices, which passes over the features once.
 */
final class LogisticRegression {
    private static final int ROWS_AT_ONCE = 128;

    private final Images images;
    private final int width;
    private final int[] labels;
    private final int classes;
    private final double[] classWeights;

    /** Images that no problem learns from, though they are predicted. */
    private final BitSet leftOut;

    /** The part that each problem leaves out; none where it learns from all images. */
    private final int[] heldOut;

    /** By image. */
    private final int[] parts;

    /** By problem, of the images that it learns from. */
    private final double[] totalWeight;

    /** Where the features are: here, or elsewhere. */
    private sealed interface Images {}

    private record Here(FeatureMatrix features) implements Images {}

    private record Elsewhere(RemoteImages remote) implements Images {}

    private LogisticRegression(
            Images images, int width, int[] labels, double[] classWeights, BitSet leftOut, int[] heldOut, int[] parts) {
        this.images = images;
        this.width = width;
        this.labels = labels;
        this.classes = classWeights.length;
        this.classWeights = classWeights;
        this.leftOut = leftOut;
        this.heldOut = heldOut;
        this.parts = parts;
        totalWeight = new double[heldOut.length];
        for (int p = 0; p < heldOut.length; p++) {
            for (int i = 0; i < labels.length; i++) {
                totalWeight[p] += weight(p, i);
            }
        }
    }

    /**
     * A problem for each part of the images, which leaves it out.
     *
     * @param labels the class of each image
     * @param classWeights by class: how much its images count
     * @param leftOut images that none learns from; not copied
     */
    static LogisticRegression ofFolds(
            FeatureMatrix features, int[] labels, double[] classWeights, BitSet leftOut, Folds folds) {
        int[] heldOut = IntStream.range(0, folds.number()).toArray();
        return new LogisticRegression(
                new Here(features), features.width(), labels, classWeights, leftOut, heldOut, folds.ofImage());
    }

    /**
     * Problems whose features are elsewhere.
     *
     * @param heldOut the part that each problem leaves out, -1 for none
     * @param parts by image
     */
    static LogisticRegression elsewhere(
            RemoteImages remote, int[] labels, double[] classWeights, int[] heldOut, int[] parts) {
        return new LogisticRegression(
                new Elsewhere(remote), remote.width(), labels, classWeights, new BitSet(), heldOut, parts);
    }

    /** The same of features that are here. */
    static LogisticRegression here(
            FeatureMatrix features, int[] labels, double[] classWeights, int[] heldOut, int[] parts) {
        return new LogisticRegression(
                new Here(features), features.width(), labels, classWeights, new BitSet(), heldOut, parts);
    }

    /** One problem with all images. */
    static LogisticRegression ofAll(FeatureMatrix features, int[] labels, double[] classWeights) {
        return here(features, labels, classWeights, new int[] {-1}, new int[labels.length]);
    }

    private double weight(int problem, int image) {
        return parts[image] == heldOut[problem] || leftOut.get(image) ? 0 : classWeights[labels[image]];
    }

    /** Where searches begin that know nothing: no weights, and biases as the classes are frequent. */
    List<double[]> starts() {
        return IntStream.range(0, heldOut.length).mapToObj(this::start).toList();
    }

    private double[] start(int problem) {
        double[] frequency = new double[classes];
        for (int i = 0; i < labels.length; i++) {
            frequency[labels[i]] += weight(problem, i) / totalWeight[problem];
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
            try (Round pass = round(unsolved)) {
                while (IntStream.of(unsolved).noneMatch(p -> searches.get(p).isDone())) {
                    Interruption.check("the logistic regression");
                    pass.run(searches, strength);
                }
            }
            unsolved = IntStream.of(unsolved)
                    .filter(p -> !searches.get(p).isDone())
                    .toArray();
        }
        return searches.stream().map(Descent::point).toList();
    }

    /**
     * How a solution does on the images that its problem left out.
     *
     * @param accuracy the part of them that is classified right
     * @param loss their mean cross-entropy
     */
    record Score(double accuracy, double loss) {
        static Score of(double[] sums) {
            return new Score(sums[1] / sums[0], sums[2] / sums[0]);
        }
    }

    /** Judges a solution of each problem. */
    List<Score> scores(List<double[]> solutions) {
        double[][] sums = images instanceof Elsewhere elsewhere
                ? elsewhere.remote().scores(heldOut, solutions)
                : heldSums(solutions);
        return Arrays.stream(sums).map(Score::of).toList();
    }

    /** By problem, of the images that it left out: how many, how many of them are classified right, and their cross-entropy. */
    double[][] heldSums(List<double[]> solutions) {
        int[] all = IntStream.range(0, heldOut.length).toArray();
        try (Pass pass = new Pass(features(), all)) {
            pass.score(solutions);
            return IntStream.of(all)
                    .mapToObj(p -> pass.held(p, solutions.get(p)))
                    .toArray(double[][]::new);
        }
    }

    /** By problem: the gradient's sums as a solution has them, weights class by class and then biases; last the loss's. */
    double[][] lossSums(List<double[]> points) {
        int[] all = IntStream.range(0, heldOut.length).toArray();
        try (Pass pass = new Pass(features(), all)) {
            return pass.sums(points);
        }
    }

    private FeatureMatrix features() {
        if (images instanceof Here here) {
            return here.features();
        }
        throw new IllegalStateException("the features are elsewhere");
    }

    private Round round(int[] problems) {
        return images instanceof Elsewhere elsewhere
                ? new RemoteRound(elsewhere.remote(), problems)
                : new Pass(features(), problems);
    }

    /** What each image's class is to the problem that left it out: probabilities, image after image. */
    float[] heldOutProbabilities(List<double[]> solutions) {
        int[] all = IntStream.range(0, heldOut.length).toArray();
        float[] probabilities = new float[labels.length * classes];
        try (Pass pass = new Pass(features(), all)) {
            pass.score(solutions);
            for (int p : all) {
                pass.predict(p, solutions.get(p), probabilities);
            }
        }
        return probabilities;
    }

    /** The layer that a solution is. */
    LinearLayer layer(double[] solution) {
        double[][] weights = new double[classes][];
        Arrays.setAll(weights, c -> Arrays.copyOfRange(solution, c * width, (c + 1) * width));
        return new LinearLayer(weights, Arrays.copyOfRange(solution, classes * width, solution.length));
    }

    /** Evaluates some of the problems at once. */
    private interface Round extends AutoCloseable {
        void run(List<Descent> searches, double strength);

        @Override
        void close();
    }

    private static List<double[]> points(List<Descent> searches, int[] problems) {
        return IntStream.of(problems).mapToObj(p -> searches.get(p).point()).toList();
    }

    /** Has others add up. */
    private final class RemoteRound implements Round {
        private final RemoteImages remote;
        private final int[] problems;

        RemoteRound(RemoteImages remote, int[] problems) {
            this.remote = remote;
            this.problems = problems;
        }

        @Override
        public void run(List<Descent> searches, double strength) {
            List<double[]> points = points(searches, problems);
            int[] parts = IntStream.of(problems).map(p -> heldOut[p]).toArray();
            double[][] sums = remote.losses(parts, points);
            for (int place = 0; place < problems.length; place++) {
                double total = totalWeight[problems[place]];
                double[] point = points.get(place);
                double[] slope = new double[point.length];
                for (int i = 0; i < slope.length; i++) {
                    slope[i] = sums[place][i] / total;
                }
                tell(searches.get(problems[place]), problems[place], strength, slope, sums[place][slope.length], point);
            }
        }

        @Override
        public void close() {
            // nothing is here
        }
    }

    /**
     * Adds the penalty and tells a search.
     *
     * @param slope the gradient without the penalty, which is added
     * @param loss the sum
     */
    private void tell(Descent search, int problem, double strength, double[] slope, double loss, double[] point) {
        double penalty = 1 / (strength * totalWeight[problem]);
        double squares = 0;
        for (int i = 0; i < classes * width; i++) {
            slope[i] += penalty * point[i];
            squares += point[i] * point[i];
        }
        search.evaluated(loss / totalWeight[problem] + penalty / 2 * squares, slope);
    }

    /** The features are here. */
    private final class Pass implements Round {
        private final FeatureMatrix features;
        private final int[] problems;
        private final int columns;
        private final int pieces = (labels.length + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;

        /** [width, columns]: for each problem and class. */
        private final INDArray weights;

        private final INDArray gradient;

        /** [columns, images]: what the layers give, then by how much probabilities are too large. */
        private final INDArray scores;

        Pass(FeatureMatrix features, int[] problems) {
            this.features = features;
            this.problems = problems;
            columns = problems.length * classes;
            weights = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), columns}, 'f');
            gradient = Nd4j.createUninitialized(DataType.FLOAT, new long[] {features.width(), columns}, 'f');
            scores = Nd4j.createUninitialized(DataType.FLOAT, new long[] {columns, labels.length}, 'f');
        }

        @Override
        public void run(List<Descent> searches, double strength) {
            List<double[]> points = points(searches, problems);
            double[][] pieces = evaluate(points);
            Workers.run(
                    problems.length,
                    place -> tell(searches.get(problems[place]), place, strength, pieces, points.get(place)));
        }

        /** By piece and column: the residuals' sums, then the losses; added up in one order, whoever is first. */
        private double[][] evaluate(List<double[]> points) {
            score(points);
            double[][] sums = new double[pieces][columns + problems.length];
            Workers.run(pieces, piece -> derive(piece, points, sums[piece]));
            Nd4j.gemm(features.values(), scores, gradient, false, true, 1, 0);
            return sums;
        }

        double[][] sums(List<double[]> points) {
            double[][] ofPieces = evaluate(points);
            int size = classes * width;
            double[][] sums = new double[problems.length][size + classes + 1];
            for (int place = 0; place < problems.length; place++) {
                float[] raw = new float[size];
                gradient.data().asNioFloat().get(place * size, raw);
                for (int i = 0; i < size; i++) {
                    sums[place][i] = raw[i];
                }
                for (double[] piece : ofPieces) {
                    for (int c = 0; c < classes; c++) {
                        sums[place][size + c] += piece[place * classes + c];
                    }
                    sums[place][size + classes] += piece[columns + place];
                }
            }
            return sums;
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
            Nd4j.gemm(weights, features.values(), scores, true, false, 1, 0);
        }

        private void derive(int piece, List<double[]> points, double[] sums) {
            int from = piece * ROWS_AT_ONCE;
            int to = Math.min(labels.length, from + ROWS_AT_ONCE);
            float[] rows = new float[(to - from) * columns];
            FloatBuffer buffer = scores.data().asNioFloat();
            buffer.get(from * columns, rows);
            for (int place = 0; place < problems.length; place++) {
                double[] point = points.get(place);
                float[] bias = new float[classes];
                for (int c = 0; c < classes; c++) {
                    bias[c] = (float) point[point.length - classes + c];
                }
                for (int i = from; i < to; i++) {
                    int start = (i - from) * columns + place * classes;
                    double weight = weight(problems[place], i);
                    if (weight == 0) {
                        Arrays.fill(rows, start, start + classes, 0);
                        continue;
                    }
                    sums[columns + place] += weight * residuals(rows, start, bias, labels[i], weight);
                    for (int c = 0; c < classes; c++) {
                        sums[place * classes + c] += rows[start + c];
                    }
                }
            }
            buffer.put(from * columns, rows);
        }

        /** Turns scores into weighted residuals, and gives the cross-entropy. */
        private double residuals(float[] rows, int start, float[] bias, int label, double weight) {
            float largest = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                rows[start + c] += bias[c];
                largest = Math.max(largest, rows[start + c]);
            }
            double own = (double) rows[start + label] - largest;
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                double power = Math.exp((double) rows[start + c] - largest);
                rows[start + c] = (float) power;
                sum += power;
            }
            float scale = (float) (weight / sum);
            for (int c = 0; c < classes; c++) {
                rows[start + c] *= scale;
            }
            rows[start + label] -= (float) weight;
            return Math.log(sum) - own;
        }

        private void tell(Descent search, int place, double strength, double[][] sums, double[] point) {
            int problem = problems[place];
            int size = classes * width;
            float[] raw = new float[size];
            gradient.data().asNioFloat().get(place * size, raw);
            double[] slope = new double[point.length];
            for (int i = 0; i < size; i++) {
                slope[i] = raw[i] / totalWeight[problem];
            }
            double loss = 0;
            for (double[] piece : sums) {
                for (int c = 0; c < classes; c++) {
                    slope[size + c] += piece[place * classes + c] / totalWeight[problem];
                }
                loss += piece[columns + place];
            }
            LogisticRegression.this.tell(search, problem, strength, slope, loss, point);
        }

        void predict(int problem, double[] point, float[] probabilities) {
            FloatBuffer buffer = scores.data().asNioFloat();
            double[] row = new double[classes];
            for (int i = 0; i < labels.length; i++) {
                if (parts[i] != heldOut[problem]) {
                    continue;
                }
                double largest = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < classes; c++) {
                    row[c] = buffer.get(i * columns + problem * classes + c) + point[point.length - classes + c];
                    largest = Math.max(largest, row[c]);
                }
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    row[c] = Math.exp(row[c] - largest);
                    sum += row[c];
                }
                for (int c = 0; c < classes; c++) {
                    probabilities[i * classes + c] = (float) (row[c] / sum);
                }
            }
        }

        double[] held(int problem, double[] point) {
            FloatBuffer buffer = scores.data().asNioFloat();
            double[] row = new double[classes];
            int held = 0;
            int right = 0;
            double loss = 0;
            for (int i = 0; i < labels.length; i++) {
                if (parts[i] != heldOut[problem] || leftOut.get(i)) {
                    continue;
                }
                int best = 0;
                for (int c = 0; c < classes; c++) {
                    row[c] = buffer.get(i * columns + problem * classes + c) + point[point.length - classes + c];
                    best = row[c] > row[best] ? c : best;
                }
                double sum = 0;
                for (double score : row) {
                    sum += Math.exp(score - row[best]);
                }
                held++;
                right += best == labels[i] ? 1 : 0;
                loss += Math.log(sum) + row[best] - row[labels[i]];
            }
            return new double[] {held, right, loss};
        }

        @Override
        public void close() {
            weights.close();
            gradient.close();
            scores.close();
        }
    }
}
