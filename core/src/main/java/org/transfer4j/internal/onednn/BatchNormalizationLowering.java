package org.transfer4j.internal.onednn;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;

/** Batch normalization with the statistics of training: {@code gamma * (x - mean) / sqrt(variance + eps) + beta}. */
final class BatchNormalizationLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        BatchNormalization layer = (BatchNormalization) site.layer();
        ImageShape shape = site.image();
        if (layer.getCnn2DFormat() != CNN2DFormat.NCHW) {
            throw site.unsupported("data format " + layer.getCnn2DFormat() + ", not NCHW");
        }
        int channels = shape.channels();
        float[] mean = site.parameter(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        double[] variance = variance(site, layer);
        boolean locked = layer.isLockGammaBeta();
        float[] gamma = locked
                ? constant(channels, layer.getGamma())
                : site.parameter(BatchNormalizationParamInitializer.GAMMA);
        float[] beta =
                locked ? constant(channels, layer.getBeta()) : site.parameter(BatchNormalizationParamInitializer.BETA);
        if (mean.length != channels || gamma.length != channels) {
            throw site.unsupported("has " + mean.length + " channels, its input " + channels);
        }
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (int channel = 0; channel < channels; channel++) {
            double factor = gamma[channel] / Math.sqrt(variance[channel] + layer.getEps());
            scale[channel] = (float) factor;
            shift[channel] = (float) (beta[channel] - mean[channel] * factor);
        }
        ChannelScale scaling = new ChannelScale(scale, shift);
        return site.program().append(shape, output -> new Operation.ScaleShift(site.input(), scaling, output));
    }

    private static double[] variance(LayerSite site, BatchNormalization layer) throws UnsupportedGraphException {
        boolean logarithmic = layer.isUseLogStd();
        float[] kept = site.parameter(
                logarithmic
                        ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                        : BatchNormalizationParamInitializer.GLOBAL_VAR);
        double[] variance = new double[kept.length];
        for (int channel = 0; channel < kept.length; channel++) {
            variance[channel] = logarithmic ? Math.pow(10, 2.0 * kept[channel]) : kept[channel];
        }
        return variance;
    }

    private static float[] constant(int length, double value) {
        float[] values = new float[length];
        Arrays.fill(values, (float) value);
        return values;
    }
}
