package org.transfer4j.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Collects a {@link MultiLabelReport} batch by batch. It keeps all probabilities, 5 bytes an image and class, since average
 * precision ranks the images. Not safe for use by several threads at once.
 */
public final class MultiLabelAccumulator {
    private final List<String> classNames;
    private final List<float[]> probabilities = new ArrayList<>();
    private final List<boolean[]> actual = new ArrayList<>();

    /**
     * Creates an accumulator without images.
     *
     * @param classNames one name for each class, in the order of the probabilities; no name twice
     * @throws IllegalArgumentException if there is no name, or one twice
     */
    public MultiLabelAccumulator(List<String> classNames) {
        this.classNames = EvaluationAccumulator.requireNames(classNames);
    }

    /**
     * Adds the predictions for a batch of images. If the arguments are refused, nothing of them is counted.
     *
     * @param probabilities [N, classes], each from 0 to 1, of any floating-point type
     * @param labels [N, classes], multi-hot: above one half where the image has the class
     * @throws IllegalArgumentException if the shapes do not fit, or a probability is none, as when the network has diverged
     *     to NaN
     */
    public void add(INDArray probabilities, INDArray labels) {
        Objects.requireNonNull(probabilities, "probabilities");
        Objects.requireNonNull(labels, "labels");
        long[] shape = probabilities.shape();
        if (shape.length != 2
                || shape[1] != classNames.size()
                || !Arrays.equals(shape, labels.shape())
                || !probabilities.dataType().isFPType()) {
            throw new IllegalArgumentException("Probabilities and labels must be of the same shape [N, "
                    + classNames.size() + "] (images, classes), the former floating-point, but are "
                    + probabilities.dataType() + " of shape " + Arrays.toString(shape) + " and " + labels.dataType()
                    + " of shape " + Arrays.toString(labels.shape()));
        }
        if (shape[0] == 0) {
            return;
        }
        float[][] rows = probabilities.toFloatMatrix();
        for (float[] row : rows) {
            requireProbabilities(row);
        }
        for (float[] row : labels.toFloatMatrix()) {
            boolean[] there = new boolean[row.length];
            for (int i = 0; i < row.length; i++) {
                there[i] = row[i] > 0.5f;
            }
            actual.add(there);
        }
        this.probabilities.addAll(Arrays.asList(rows));
    }

    private void requireProbabilities(float[] row) {
        for (int i = 0; i < row.length; i++) {
            if (!(row[i] >= 0 && row[i] <= 1)) {
                throw new IllegalArgumentException(
                        "A probability must be from 0 to 1, but one of class " + classNames.get(i) + " is " + row[i]);
            }
        }
    }

    /**
     * The report on all images so far, at the threshold one half.
     *
     * @return a report that later images do not change
     * @throws IllegalStateException if there was no image
     */
    public MultiLabelReport report() {
        return report(Collections.nCopies(classNames.size(), 0.5));
    }

    /**
     * The report on all images so far, at a threshold for each class.
     *
     * @param thresholds between 0 and 1, both excluded, in the order of the classes
     * @return a report that later images do not change
     * @throws IllegalArgumentException if there is not one for each class, or one is out of its range
     * @throws IllegalStateException if there was no image
     */
    public MultiLabelReport report(List<Double> thresholds) {
        Objects.requireNonNull(thresholds, "thresholds");
        if (thresholds.size() != classNames.size()) {
            throw new IllegalArgumentException(
                    "One threshold for each of " + classNames.size() + " classes is needed, got " + thresholds.size());
        }
        thresholds.forEach(MultiLabelReport::requireThreshold);
        if (actual.isEmpty()) {
            throw new IllegalStateException("An evaluation needs at least one image");
        }
        return new MultiLabelReport(
                classNames, probabilities.toArray(float[][]::new), actual.toArray(boolean[][]::new), thresholds);
    }
}
