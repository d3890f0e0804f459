package org.transfer4j.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
    static ClassCounts of(Judgements judgements) {
        ClassCounts counts = new ClassCounts(
                new long[judgements.classes()], new long[judgements.classes()], new long[judgements.classes()]);
        for (Judgements.Judgement image : judgements.images()) {
            counts.actual[image.actual()]++;
            counts.predicted[image.predicted()]++;
            counts.right[image.actual()] += image.actual() == image.predicted() ? 1 : 0;
        }
        return counts;
    }

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
