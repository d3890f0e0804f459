package org.transfer4j.internal.gradient;

import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The operation for a vertex, empty where it has settings that are not covered here. */
final class Operations {
    /** The maximum of ReLU6. */
    private static final int SIX = 6;

    private Operations() {}

    /**
     * Reads a vertex.
     *
     * @param vertex with its parameters
     * @param settings of it
     */
    static Optional<Operation> of(GraphVertex vertex, org.deeplearning4j.nn.conf.graph.@Nullable GraphVertex settings) {
        if (settings instanceof ElementWiseVertex elementWise) {
            boolean adds = elementWise.getOp() == ElementWiseVertex.Op.Add && vertex.getNumInputArrays() > 1;
            return adds ? Optional.of(new Addition()) : Optional.empty();
        }
        return vertex instanceof LayerVertex layerVertex && layerVertex.getLayerPreProcessor() == null
                ? of(layerVertex.getLayer())
                : Optional.empty();
    }

    private static Optional<Operation> of(Layer layer) {
        org.deeplearning4j.nn.conf.layers.Layer settings = layer.conf().getLayer();
        if (settings.getIDropout() != null) {
            return Optional.empty();
        }
        // exact classes: a subclass computes something else
        Class<?> kind = settings.getClass();
        if (kind == ConvolutionLayer.class) {
            return convolution((ConvolutionLayer) settings, layer);
        }
        if (kind == DepthwiseConvolution2D.class) {
            return convolution((DepthwiseConvolution2D) settings, layer);
        }
        if (kind == SubsamplingLayer.class) {
            return pooling((SubsamplingLayer) settings);
        }
        if (kind == BatchNormalization.class) {
            return normalization((BatchNormalization) settings, layer);
        }
        if (kind == ActivationLayer.class) {
            return rectifier(((ActivationLayer) settings).getActivationFn()).map(Rectification::new);
        }
        return Optional.empty();
    }

    private static Optional<Operation> convolution(ConvolutionLayer settings, Layer layer) {
        IActivation activation = settings.getActivationFn();
        boolean rectified = isRectifier(activation);
        if (settings.getCnn2dDataFormat() != CNN2DFormat.NCHW
                || settings.getWeightNoise() != null
                || !(rectified || activation instanceof ActivationIdentity)) {
            return Optional.empty();
        }
        ParameterViews views = ParameterViews.of(layer);
        return Window.of(
                        settings.getKernelSize(),
                        settings.getStride(),
                        settings.getDilation(),
                        settings.getPadding(),
                        settings.getConvolutionMode())
                .map(window -> new Convolution(
                        window,
                        filter(settings, views),
                        views.parameters().get(ConvolutionParamInitializer.BIAS_KEY),
                        views.gradients().get(ConvolutionParamInitializer.BIAS_KEY),
                        rectified,
                        false));
    }

    private static Filter filter(ConvolutionLayer settings, ParameterViews views) {
        // of one name in depthwise convolutions, too
        INDArray weights = views.parameter(ConvolutionParamInitializer.WEIGHT_KEY);
        INDArray gradient = views.gradient(ConvolutionParamInitializer.WEIGHT_KEY);
        return settings instanceof DepthwiseConvolution2D
                ? Filter.depthwise(weights, gradient)
                : Filter.full(weights, gradient);
    }

    private static Optional<Operation> pooling(SubsamplingLayer settings) {
        int[] dilation = settings.getDilation();
        if (settings.getCnn2dDataFormat() != CNN2DFormat.NCHW || dilation[0] != 1 || dilation[1] != 1) {
            return Optional.empty();
        }
        Optional<Window> window = Window.of(
                settings.getKernelSize(),
                settings.getStride(),
                dilation,
                settings.getPadding(),
                settings.getConvolutionMode());
        if (settings.getPoolingType() == PoolingType.MAX) {
            return window.map(known -> new Pooling(dnnl.dnnl_pooling_max, known, false));
        }
        if (settings.getPoolingType() == PoolingType.AVG) {
            int algorithm = settings.isAvgPoolIncludePadInDivisor()
                    ? dnnl.dnnl_pooling_avg_include_padding
                    : dnnl.dnnl_pooling_avg_exclude_padding;
            return window.map(known -> new Pooling(algorithm, known, false));
        }
        return Optional.empty();
    }

    private static Optional<Operation> normalization(BatchNormalization settings, Layer layer) {
        if (settings.getCnn2DFormat() != CNN2DFormat.NCHW || settings.isLockGammaBeta()) {
            return Optional.empty();
        }
        ParameterViews views = ParameterViews.of(layer);
        return Optional.ofNullable(NormalizationParameters.of(settings, views))
                .map(parameters -> new Normalization(
                        parameters, (float) settings.getEps(), layer instanceof StillNormalization, false));
    }

    private static Optional<Rectifier> rectifier(IActivation activation) {
        if (activation instanceof ActivationReLU6) {
            return Optional.of(Rectifier.upTo(SIX));
        }
        return isRectifier(activation) ? Optional.of(Rectifier.UNBOUNDED) : Optional.empty();
    }

    private static boolean isRectifier(IActivation activation) {
        return activation instanceof ActivationReLU relu
                && isZero(relu.getThreshold())
                && isZero(relu.getNegativeSlope())
                && isZero(relu.getMax());
    }

    private static boolean isZero(@Nullable Double setting) {
        return setting == null || setting == 0;
    }
}
