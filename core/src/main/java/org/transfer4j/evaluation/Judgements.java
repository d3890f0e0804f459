package org.transfer4j.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.common.util.ArrayUtil;

/**
 * The images of an evaluation, each with what it is and what it was taken for; in the order in which they were judged, or
 * as they were drawn from it. Immutable.
 */
final class Judgements {
    private final List<Judgement> images;
    private final int classes;

    /**
     * One image.
     *
     * @param index in the order in which the images were judged
     * @param scores the probabilities as they were given
     * @param rank in which place, from 0, its actual class is
     * @param loss as Keras computes it
     * @param logLoss as scikit-learn computes it
     * @param squares the squared distance of the scores from the label; of two classes, that of the second alone, as
     *     scikit-learn's
     */
    @SuppressWarnings("ArrayRecordComponent") // shared by all reports, and changed by none
    record Judgement(
            int index,
            float[] scores,
            int actual,
            int predicted,
            int rank,
            double loss,
            double logLoss,
            double squares) {
        private static final double LEAST = Math.ulp(1.0);
        private static final double CLIP = 1e-7;

        /**
         * What the scores alone say is computed here, once for all that is drawn of it.
         *
         * @param row probabilities
         * @param sum of them
         */
        static Judgement of(int index, double[] row, double sum, int actual) {
            float[] scores = ArrayUtil.toFloats(row);
            int predicted = 0;
            int rank = 0;
            double squares = 0;
            for (int c = 0; c < row.length; c++) {
                if (row[c] > row[predicted]) {
                    predicted = c;
                }
                if (row[c] > row[actual] || (row[c] == row[actual] && c < actual)) {
                    rank++;
                }
                if (c > 0 || row.length != 2) {
                    double distance = scores[c] - (c == actual ? 1.0 : 0.0);
                    squares += distance * distance;
                }
            }
            double loss = -Math.log(Math.min(Math.max(row[actual] / sum, CLIP), 1 - CLIP));
            double logLoss = -Math.log(Math.min(Math.max(scores[actual], LEAST), 1 - LEAST));
            return new Judgement(index, scores, actual, predicted, rank, loss, logLoss, squares);
        }
    }

    Judgements(List<Judgement> images, int classes) {
        this.images = List.copyOf(images);
        this.classes = classes;
    }

    List<Judgement> images() {
        return images;
    }

    /** Some of them, also more than once. */
    Judgements drawn(int[] places) {
        return new Judgements(IntStream.of(places).mapToObj(images::get).toList(), classes);
    }

    long[][] counts() {
        long[][] counts = new long[classes][classes];
        images.forEach(image -> counts[image.actual][image.predicted]++);
        return counts;
    }

    ClassCounts classCounts() {
        ClassCounts counts = new ClassCounts(new long[classes], new long[classes], new long[classes]);
        for (Judgement image : images) {
            counts.actual[image.actual]++;
            counts.predicted[image.predicted]++;
            counts.right[image.actual] += image.actual == image.predicted ? 1 : 0;
        }
        return counts;
    }

    /** How many images had their actual class in first, second, ... place. */
    long[] ranks() {
        long[] ranks = new long[classes];
        images.forEach(image -> ranks[image.rank]++);
        return ranks;
    }

    double loss() {
        return mean(Judgement::loss);
    }

    double logLoss() {
        return mean(Judgement::logLoss);
    }

    double brierScore() {
        return mean(Judgement::squares);
    }

    private double mean(ToDoubleFunction<Judgement> figure) {
        double sum = 0;
        for (Judgement image : images) {
            sum += figure.applyAsDouble(image);
        }
        return sum / images.size();
    }

    /** The images by their score for a class, the highest first; equal ones are one step. */
    Ranking ranking(int index) {
        return Ranking.of(
                images.size(), image -> images.get(image).scores[index], image -> images.get(image).actual == index);
    }

    /** What part of the images is right at which confidence. */
    List<CalibrationBin> calibration(int bins) {
        long[] counts = new long[bins];
        double[] confidence = new double[bins];
        long[] right = new long[bins];
        for (Judgement image : images) {
            double highest = image.scores[image.predicted];
            int bin = 0;
            while (bin < bins - 1 && highest > (bin + 1.0) / bins) {
                bin++;
            }
            counts[bin]++;
            confidence[bin] += highest;
            right[bin] += image.predicted == image.actual ? 1 : 0;
        }
        CalibrationBin[] all = new CalibrationBin[bins];
        Arrays.setAll(
                all,
                i -> new CalibrationBin(
                        (double) i / bins,
                        (i + 1.0) / bins,
                        counts[i],
                        counts[i] == 0 ? Double.NaN : confidence[i] / counts[i],
                        counts[i] == 0 ? Double.NaN : (double) right[i] / counts[i]));
        return List.of(all);
    }

    /**
     * The sums of a confusion matrix' rows and columns, and its diagonal: all that F1, kappa and Matthews' correlation need of it, so
     * that images that are drawn a thousand times need no matrix.
     *
     * @param actual how many images each class has
     * @param predicted how many were taken for it
     * @param right how many were both
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record ClassCounts(long[] actual, long[] predicted, long[] right) {
        /** By class. */
        List<ClassMetrics> metrics(List<String> classNames) {
            return IntStream.range(0, actual.length)
                    .mapToObj(i -> ClassMetrics.of(classNames.get(i), right[i], predicted[i], actual[i]))
                    .toList();
        }

        /** As scikit-learn's {@code cohen_kappa_score}. */
        double cohenKappa() {
            double size = Arrays.stream(actual).sum();
            double expected = 0;
            for (int i = 0; i < actual.length; i++) {
                expected += (double) actual[i] * predicted[i] / size;
            }
            return (Arrays.stream(right).sum() - expected) / (size - expected);
        }

        /** As scikit-learn's {@code matthews_corrcoef}. */
        double matthewsCorrelation() {
            double size = Arrays.stream(actual).sum();
            double products = Arrays.stream(right).sum() * size;
            double ofActual = size * size;
            double ofPredicted = size * size;
            for (int i = 0; i < actual.length; i++) {
                products -= (double) actual[i] * predicted[i];
                ofActual -= (double) actual[i] * actual[i];
                ofPredicted -= (double) predicted[i] * predicted[i];
            }
            double product = ofActual * ofPredicted;
            return product == 0 ? 0 : products / Math.sqrt(product);
        }
    }

    /** Images in the order of their scores for a class. */
    record Ranking(double averagePrecision, double rocAuc) {
        /**
         * Ranks.
         *
         * @param scores floats from 0 to 1, by image
         * @param there whether an image is of the class
         */
        static Ranking of(int images, IntToDoubleFunction scores, IntPredicate there) {
            long[] order = new long[images];
            for (int i = 0; i < order.length; i++) {
                // floats from 0 on are ordered as their bits are
                float score = (float) scores.applyAsDouble(i);
                order[i] = (long) Float.floatToIntBits(Math.abs(score)) << 32 | i;
            }
            Arrays.sort(order);
            long found = 0;
            long others = 0;
            double precisions = 0;
            double pairs = 0;
            for (int end = order.length; end > 0; ) {
                int begin = end;
                long foundBefore = found;
                long othersBefore = others;
                while (begin > 0 && order[begin - 1] >>> 32 == order[end - 1] >>> 32) {
                    begin--;
                    boolean is = there.test((int) order[begin]);
                    found += is ? 1 : 0;
                    others += is ? 0 : 1;
                }
                precisions += (found - foundBefore) * ((double) found / (found + others));
                // pairs in the right order; a pair of equal scores is half right
                pairs += (others - othersBefore) * (foundBefore + (found - foundBefore) / 2.0);
                end = begin;
            }
            return new Ranking(found == 0 ? 0 : precisions / found, pairs / ((double) found * others));
        }
    }
}
