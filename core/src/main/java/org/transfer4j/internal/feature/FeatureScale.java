package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Op;

/**
 * What makes features about as large as layers are made for: their means are taken off, and all are divided by one number.
 * A divisor for each would make features that hardly vary, which are mostly noise, as large as all others.
 */
public final class FeatureScale {
    /** Enough for means. */
    private static final int MOST_ROWS = 2048;

    /** Of what normalized layers give, root mean squares lie between. */
    private static final double SMALL = 0.2;

    private static final double LARGE = 2;

    private static final String MEANS = "means";
    private static final String DIVISOR = "divisor";

    private final float[] means;
    private final float divisor;

    private FeatureScale(float[] means, float divisor) {
        this.means = means;
        this.divisor = divisor;
    }

    /** The scale of features; empty where they are neither small nor large, or all alike. */
    public static Optional<FeatureScale> of(Examples features) {
        int rows = Math.min(MOST_ROWS, features.size());
        int[] spread = IntStream.range(0, rows)
                .map(i -> (int) ((long) i * features.size() / rows))
                .toArray();
        double[] sums = new double[0];
        double squares = 0;
        ByteBuffer row = ByteBuffer.allocateDirect(0);
        try (BatchStream batches = features.batches(spread, 1)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                if (sums.length == 0) {
                    sums = new double[batch.rowLength()];
                    row = ByteBuffer.allocateDirect(sums.length * Float.BYTES).order(ByteOrder.nativeOrder());
                }
                batch.copyValues(0, 0, sums.length, row.clear());
                for (int i = 0; i < sums.length; i++) {
                    float value = row.getFloat(i * Float.BYTES);
                    sums[i] += value;
                    squares += (double) value * value;
                }
            }
        }
        float[] means = new float[sums.length];
        double variance = squares / rows / sums.length;
        double size = Math.sqrt(variance);
        for (int i = 0; i < means.length; i++) {
            double mean = sums[i] / rows;
            means[i] = (float) mean;
            variance -= mean * mean / sums.length;
        }
        boolean fits = size >= SMALL && size <= LARGE;
        float deviation = (float) Math.sqrt(variance);
        return fits || !(deviation >= Float.MIN_NORMAL) || Float.isInfinite(deviation)
                ? Optional.empty()
                : Optional.of(new FeatureScale(means, deviation));
    }

    /** What it is made of, to be kept; the arrays are the caller's. */
    public Map<String, INDArray> toArrays() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put(MEANS, Nd4j.createFromArray(means));
        arrays.put(DIVISOR, Nd4j.createFromArray(divisor));
        return arrays;
    }

    /**
     * The scale that gave these arrays, which are not kept.
     *
     * @throws IllegalArgumentException if none did
     */
    public static FeatureScale ofArrays(Map<String, INDArray> arrays) {
        INDArray means = arrays.get(MEANS);
        INDArray divisor = arrays.get(DIVISOR);
        if (means == null || divisor == null || arrays.size() != 2 || divisor.length() != 1) {
            throw new IllegalArgumentException(
                    "a scale of features is means and one divisor, but is " + arrays.keySet());
        }
        float number = divisor.getFloat(0);
        if (!(number > 0) || !Float.isFinite(number)) {
            throw new IllegalArgumentException(
                    "the divisor of a scale of features must be positive and finite, but is " + number);
        }
        return new FeatureScale(means.dup('c').data().asFloat(), number);
    }

    /**
     * Refuses a layer that does not take features of this length.
     *
     * @throws IllegalArgumentException if it takes others
     */
    public void requireFits(Map<String, INDArray> layer) {
        INDArray weights = layer.get(Op.WEIGHTS);
        if (weights == null || weights.rank() != 2 || weights.size(1) != means.length) {
            throw new IllegalArgumentException("the first layer must take the " + means.length
                    + " features that a scale is of, but its weights are "
                    + (weights == null ? "not there" : Arrays.toString(weights.shape())));
        }
    }

    /** The features so scaled; a view, which closes them where it is closed. */
    public Examples scaled(Examples features) {
        return features.read((examples, epoch, order, batchSize) ->
                examples.batches(order, batchSize).map(batch -> batch.scaled(this)));
    }

    /** Turns a layer that learned from scaled features into one for features as they are. */
    public void fold(Map<String, INDArray> layer) {
        INDArray weights = Objects.requireNonNull(layer.get(Op.WEIGHTS), Op.WEIGHTS);
        INDArray bias = Objects.requireNonNull(layer.get(Op.BIAS), Op.BIAS);
        weights.divi(divisor);
        try (INDArray column = Nd4j.createFromArray(means);
                INDArray shift = weights.mmul(column)) {
            bias.subi(shift);
        }
    }

    /** A batch's values, scaled as they are asked for. */
    record Values(Batch.Values features, FeatureScale scale) implements Batch.Values {
        @Override
        public int rowLength() {
            return features.rowLength();
        }

        @Override
        public INDArray all() {
            INDArray all = features.all();
            INDArray means = Nd4j.createFromArray(new float[][] {scale.means});
            return all.reshape(all.size(0), rowLength())
                    .sub(means)
                    .divi(scale.divisor)
                    .reshape(all.shape());
        }

        @Override
        public void copy(int row, int from, int to, ByteBuffer target) {
            int start = target.position();
            features.copy(row, from, to, target);
            ByteOrder order = target.order();
            target.order(ByteOrder.nativeOrder());
            for (int i = from; i < to; i++) {
                int place = start + (i - from) * Float.BYTES;
                target.putFloat(place, (target.getFloat(place) - scale.means[i]) / scale.divisor);
            }
            target.order(order);
        }
    }
}
