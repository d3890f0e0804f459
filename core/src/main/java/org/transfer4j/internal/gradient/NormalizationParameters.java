package org.transfer4j.internal.gradient;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Parameters of a batch normalization as DL4J keeps them, and the statistics that oneDNN reads and writes.
 */
final class NormalizationParameters {
    private static final double LN_10 = Math.log(10);

    private final INDArray scaleAndShift;
    private final INDArray scaleAndShiftGradient;
    private final INDArray runningMean;
    private final INDArray runningSpread;
    private final boolean logarithmic;
    private final double decay;
    private final INDArray mean;
    private final INDArray variance;

    private NormalizationParameters(
            BatchNormalization layer, Map<String, INDArray> parameters, Map<String, INDArray> gradients) {
        logarithmic = layer.isUseLogStd();
        scaleAndShift = known(parameters, BatchNormalizationParamInitializer.GAMMA);
        scaleAndShiftGradient = known(gradients, BatchNormalizationParamInitializer.GAMMA);
        runningMean = known(parameters, BatchNormalizationParamInitializer.GLOBAL_MEAN);
        runningSpread = known(
                parameters,
                logarithmic
                        ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                        : BatchNormalizationParamInitializer.GLOBAL_VAR);
        decay = layer.getDecay();
        mean = Nd4j.createUninitializedDetached(runningMean.dataType(), 'c', runningMean.shape());
        variance = Nd4j.createUninitializedDetached(runningMean.dataType(), 'c', runningMean.shape());
    }

    private static INDArray known(Map<String, INDArray> arrays, String name) {
        INDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalStateException("a layer has no parameter " + name);
        }
        return array;
    }

    /** The parameters, or null where the shift is not right behind the scale, as DL4J has it and oneDNN wants it. */
    static @Nullable NormalizationParameters of(
            BatchNormalization layer, Map<String, INDArray> parameters, Map<String, INDArray> gradients) {
        String scale = BatchNormalizationParamInitializer.GAMMA;
        String shift = BatchNormalizationParamInitializer.BETA;
        boolean fits = adjacent(known(parameters, scale), known(parameters, shift))
                && adjacent(known(gradients, scale), known(gradients, shift));
        return fits ? new NormalizationParameters(layer, parameters, gradients) : null;
    }

    private static boolean adjacent(INDArray scale, INDArray shift) {
        long distance = shift.data().addressPointer().address()
                - scale.data().addressPointer().address();
        return distance == scale.length() * Float.BYTES;
    }

    long channels() {
        return mean.length();
    }

    /** The first of scale and shift, with the second behind it. */
    INDArray scaleAndShift() {
        return scaleAndShift;
    }

    INDArray scaleAndShiftGradient() {
        return scaleAndShiftGradient;
    }

    /** The batch's mean in training, unless that is still; the running one elsewhere. */
    INDArray mean() {
        return mean;
    }

    /** The batch's variance in training, unless that is still; the running one elsewhere. */
    INDArray variance() {
        return variance;
    }

    void takeRunningStatistics() {
        mean.assign(runningMean);
        variance.assign(runningSpread);
        if (logarithmic) {
            toVariance(variance);
        }
    }

    private static void toVariance(INDArray logarithmsOfDeviation) {
        logarithmsOfDeviation.muli(2 * LN_10);
        Transforms.exp(logarithmsOfDeviation, false);
    }

    /** Lets the running statistics go (1 - decay) of the way to the batch's. */
    void stepRunningStatistics() {
        try (INDArray way = runningMean.sub(mean)) {
            runningMean.subi(way.muli(1 - decay));
        }
        if (logarithmic) {
            toVariance(runningSpread);
        }
        try (INDArray way = runningSpread.sub(variance)) {
            runningSpread.subi(way.muli(1 - decay));
        }
        if (logarithmic) {
            Transforms.log(runningSpread, false);
            runningSpread.divi(2 * LN_10);
        }
    }

    void close() {
        mean.close();
        variance.close();
    }
}
