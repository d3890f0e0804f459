package org.transfer4j.internal.gradient;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Parameters of a batch normalization as DL4J keeps them, and the statistics that oneDNN reads and writes.
 *
 * <p>DL4J takes running statistics for parameters and what is to be subtracted from them for their gradients, which its
 * updater applies as they are.
 */
final class NormalizationParameters {
    private final INDArray scaleAndShift;
    private final INDArray scaleAndShiftGradient;
    private final INDArray runningMean;
    private final INDArray runningSpread;
    private final INDArray runningMeanStep;
    private final INDArray runningSpreadStep;
    private final boolean logarithmic;
    private final double decay;
    private final INDArray mean;
    private final INDArray variance;

    private NormalizationParameters(BatchNormalization layer, ParameterViews views) {
        logarithmic = layer.isUseLogStd();
        String spread = logarithmic
                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
        scaleAndShift = views.parameter(BatchNormalizationParamInitializer.GAMMA);
        scaleAndShiftGradient = views.gradient(BatchNormalizationParamInitializer.GAMMA);
        runningMean = views.parameter(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        runningSpread = views.parameter(spread);
        runningMeanStep = views.gradient(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        runningSpreadStep = views.gradient(spread);
        decay = layer.getDecay();
        mean = Nd4j.createUninitializedDetached(runningMean.dataType(), 'c', runningMean.shape());
        variance = Nd4j.createUninitializedDetached(runningMean.dataType(), 'c', runningMean.shape());
    }

    /** The parameters, or null where the shift is not right behind the scale, as DL4J has it and oneDNN wants it. */
    static @Nullable NormalizationParameters of(BatchNormalization layer, ParameterViews views) {
        String scale = BatchNormalizationParamInitializer.GAMMA;
        String shift = BatchNormalizationParamInitializer.BETA;
        boolean fits = adjacent(views.parameter(scale), views.parameter(shift))
                && adjacent(views.gradient(scale), views.gradient(shift));
        return fits ? new NormalizationParameters(layer, views) : null;
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

    static void toVariance(INDArray logarithmsOfDeviation) {
        logarithmsOfDeviation.muli(2 * Math.log(10));
        Transforms.exp(logarithmsOfDeviation, false);
    }

    /** Writes what DL4J subtracts: (1 - decay) of the way to the batch's statistics. */
    void stepRunningStatistics() {
        runningMeanStep.assign(runningMean).subi(mean).muli(1 - decay);
        if (logarithmic) {
            // log10(old deviation / new deviation) = ln(old variance / new variance) / (2 ln 10)
            runningSpreadStep.assign(runningSpread);
            toVariance(runningSpreadStep);
            try (INDArray next = runningSpreadStep.mul(decay).addi(variance.mul(1 - decay))) {
                runningSpreadStep.divi(next);
            }
            Transforms.log(runningSpreadStep, false);
            runningSpreadStep.divi(2 * Math.log(10));
        } else {
            runningSpreadStep.assign(runningSpread).subi(variance).muli(1 - decay);
        }
    }

    void close() {
        mean.close();
        variance.close();
    }
}
