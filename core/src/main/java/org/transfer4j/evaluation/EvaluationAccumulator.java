package org.transfer4j.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Collects an {@link EvaluationReport} batch by batch. It keeps all probabilities, 4 bytes an image and class, since some
 * figures rank the images. Not safe for use by several threads at once.
 *
 * <p>The predicted class is the one of the highest probability; of equal ones it is the first, that of the lowest
 * index. The loss of an image is computed as Keras does it: probabilities are divided by their sum, clipped to 1e-7
 * ... 1 - 1e-7, and the loss is minus the natural logarithm of that of the actual class.
 */
public final class EvaluationAccumulator {
    private static final double SUM_TOLERANCE = 1e-2;

    private final List<String> classNames;
    private final List<Judgements.Judgement> images = new ArrayList<>();

    /**
     * Creates an accumulator without images.
     *
     * @param classNames one name for each class, in the order of the probabilities; no name twice
     * @throws IllegalArgumentException if there is no name, or one twice
     */
    public EvaluationAccumulator(List<String> classNames) {
        this.classNames = requireNames(classNames);
    }

    static List<String> requireNames(List<String> classNames) {
        Objects.requireNonNull(classNames, "classNames");
        if (classNames.isEmpty() || new HashSet<>(classNames).size() < classNames.size()) {
            throw new IllegalArgumentException("At least one class name, and no name twice, is needed: " + classNames);
        }
        return List.copyOf(classNames);
    }

    /**
     * Adds the predictions for a batch of images. If the arguments are refused, nothing of them is counted.
     *
     * @param probabilities [N, classes], each row from 0 to 1 with the sum 1 (within 0.01), of any floating-point type
     * @param actual N indexes of the actual classes, from 0
     * @throws IllegalArgumentException if the shapes do not fit, an index is not that of a class, or a row is not made
     *     of probabilities, as when the network has diverged to NaN
     */
    public void add(INDArray probabilities, int[] actual) {
        requireShape(probabilities, actual);
        if (actual.length == 0) {
            return;
        }
        double[][] rows = probabilities.toDoubleMatrix();
        double[] sums = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            requireClass(actual[i], i);
            sums[i] = sumOfProbabilities(rows[i], i);
        }
        for (int i = 0; i < rows.length; i++) {
            images.add(Judgements.Judgement.of(images.size(), rows[i], sums[i], actual[i]));
        }
    }

    /**
     * The report on all images so far.
     *
     * @return a report that later images do not change
     * @throws IllegalStateException if there was no image
     */
    public EvaluationReport report() {
        return report(ReportPage.Images.NUMBERED);
    }

    /**
     * The report on all images so far, which knows what they are called and look like.
     *
     * @param names where an image comes from, a path for example, by its number in the order in which they were added, from
     *     0; asked when a report is
     * @param pictures the bytes of a small PNG of it, by the same number, or none; asked when a page is written
     * @return a report that later images do not change
     * @throws IllegalStateException if there was no image
     */
    public EvaluationReport report(IntFunction<String> names, IntFunction<byte[]> pictures) {
        return report(ReportPage.Images.of(names, pictures));
    }

    private EvaluationReport report(ReportPage.Images shown) {
        if (images.isEmpty()) {
            throw new IllegalStateException("An evaluation needs at least one image");
        }
        return new EvaluationReport(classNames, new Judgements(images, classNames.size()), shown, Report.NO_CARD);
    }

    private void requireShape(INDArray probabilities, int[] actual) {
        Objects.requireNonNull(probabilities, "probabilities");
        Objects.requireNonNull(actual, "actual");
        long[] shape = probabilities.shape();
        boolean fits = shape.length == 2 && shape[0] == actual.length && shape[1] == classNames.size();
        if (!fits || !probabilities.dataType().isFPType()) {
            throw new IllegalArgumentException("Probabilities must be floating-point of shape [" + actual.length + ", "
                    + classNames.size() + "] (images, classes), but are " + probabilities.dataType() + " of shape "
                    + Arrays.toString(shape));
        }
    }

    private void requireClass(int actual, int image) {
        if (actual < 0 || actual >= classNames.size()) {
            throw new IllegalArgumentException("The actual class of image " + image
                    + " of the batch must be an index from 0 to " + (classNames.size() - 1) + ", but is " + actual);
        }
    }

    private static double sumOfProbabilities(double[] row, int image) {
        double sum = 0;
        for (double value : row) {
            if (!(value >= 0) || value > 1 + SUM_TOLERANCE) {
                throw new IllegalArgumentException(
                        "A probability must be from 0 to 1, but one of image " + image + " of the batch is " + value);
            }
            sum += value;
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IllegalArgumentException("The probabilities of an image must have the sum 1, but those of image "
                    + image + " of the batch have " + sum);
        }
        return sum;
    }
}
