package org.transfer4j.internal.feature;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.network.Op;

/**
 * What makes targets about as large as outputs are made for, whatever their units: of each its mean is taken off, and it is
 * divided by its deviation, both in the training data.
 */
public final class TargetScale {
    /** Of a target's deviation, which a float must be able to tell. */
    private static final double FINEST = 0.1;

    private final double[] means;
    private final double[] deviations;

    private TargetScale(double[] means, double[] deviations) {
        this.means = means;
        this.deviations = deviations;
    }

    /**
     * The scale of some images' targets.
     *
     * @param names the targets in the order of the outputs, all of which the data has
     * @throws DatasetException if a target is the same for all images, or so nearly that floats can't tell
     */
    public static TargetScale of(RegressionDataset training, List<String> names) {
        double[] means = new double[names.size()];
        double[] deviations = new double[names.size()];
        for (int output = 0; output < means.length; output++) {
            int column = training.targetNames().indexOf(names.get(output));
            double[] values = IntStream.range(0, training.size())
                    .mapToDouble(i -> training.targets(i)[column])
                    .toArray();
            double mean = Arrays.stream(values).average().orElse(Double.NaN);
            double deviation = Math.sqrt(Arrays.stream(values)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElse(Double.NaN));
            requireVaried(names.get(output), values, deviation);
            means[output] = mean;
            deviations[output] = deviation;
        }
        return new TargetScale(means, deviations);
    }

    private static void requireVaried(String name, double[] values, double deviation) {
        if (Arrays.stream(values).allMatch(value -> value == values[0])) {
            throw new DatasetException(
                    null,
                    "a target is learned from images that differ in it, but " + name + " is " + values[0] + " for all "
                            + values.length + " images of the training data");
        }
        double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
        if (Math.ulp((float) largest) > FINEST * deviation) {
            throw new DatasetException(
                    null,
                    "a target's deviation in the training data must be ten steps of a float or more, but " + name
                            + " is up to " + largest + " with a deviation of " + deviation
                            + ": take off what all have in common");
        }
    }

    /** Targets on this scale. */
    Target.Numbers standardized(double[] targets) {
        float[] row = new float[targets.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) ((targets[i] - means[i]) / deviations[i]);
        }
        return new Target.Numbers(row);
    }

    /** Turns an output layer that learned such targets into one that gives them as they were. */
    public void fold(Map<String, INDArray> layer) {
        INDArray bias = Objects.requireNonNull(layer.get(Op.BIAS), Op.BIAS);
        for (int i = 0; i < means.length; i++) {
            weights(layer, i).muli(deviations[i]);
            bias.putScalar(i, (float) (bias.getDouble(i) * deviations[i] + means[i]));
        }
    }

    /** Turns an output layer that gives targets as they are into one on this scale. */
    public void unfold(Map<String, INDArray> layer) {
        INDArray bias = Objects.requireNonNull(layer.get(Op.BIAS), Op.BIAS);
        for (int i = 0; i < means.length; i++) {
            weights(layer, i).divi(deviations[i]);
            bias.putScalar(i, (float) ((bias.getDouble(i) - means[i]) / deviations[i]));
        }
    }

    private static INDArray weights(Map<String, INDArray> layer, int output) {
        return Objects.requireNonNull(layer.get(Op.WEIGHTS), Op.WEIGHTS).getRow(output);
    }
}
