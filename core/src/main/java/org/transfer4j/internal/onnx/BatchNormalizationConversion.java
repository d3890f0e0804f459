package org.transfer4j.internal.onnx;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Batch normalization with the statistics of training, {@code gamma * (x - mean) / sqrt(variance + epsilon) + beta} on
 * both sides. DL4J keeps the variance, or, where it trained the layer itself, the logarithm of its root to base 10.
 */
final class BatchNormalizationConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        BatchNormalization layer = (BatchNormalization) site.layer();
        if (layer.getCnn2DFormat() == CNN2DFormat.NHWC) {
            throw site.unsupported("has data format NHWC, not NCHW");
        }
        boolean locked = layer.isLockGammaBeta();
        return site.node("BatchNormalization")
                .inputs(site.input())
                .constants(
                        locked
                                ? constant(site, "gamma", layer.getGamma())
                                : site.vector(BatchNormalizationParamInitializer.GAMMA),
                        locked
                                ? constant(site, "beta", layer.getBeta())
                                : site.vector(BatchNormalizationParamInitializer.BETA),
                        site.vector(BatchNormalizationParamInitializer.GLOBAL_MEAN),
                        site.weights("var", variance(site, layer)))
                .attribute("epsilon", layer.getEps())
                .output(site.input().shape());
    }

    private static String constant(LayerSite site, String what, double value) {
        return site.weights(
                what, Nd4j.valueArrayOf(new long[] {site.input().shape().get(0)}, value, DataType.FLOAT));
    }

    private static INDArray variance(LayerSite site, BatchNormalization layer) {
        if (!layer.isUseLogStd()) {
            INDArray variance = site.parameter(BatchNormalizationParamInitializer.GLOBAL_VAR);
            return variance.reshape(variance.length());
        }
        INDArray logarithm = site.parameter(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
        return Transforms.exp(logarithm.castTo(DataType.DOUBLE).mul(2 * Math.log(10)), false)
                .castTo(DataType.FLOAT)
                .reshape(logarithm.length());
    }
}
