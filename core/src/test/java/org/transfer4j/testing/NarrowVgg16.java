package org.transfer4j.testing;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** The network of the golden weight files: the library's VGG16 with a thirty-second of its filters. */
public final class NarrowVgg16 {
    private static final int PIXEL_CHANNELS = 3;

    private NarrowVgg16() {}

    /**
     * Describes it.
     *
     * @return a backbone for 32x32 with {@code unit()} and without pretrained weights
     */
    public static Backbone backbone() {
        return Backbone.builder("narrow_vgg16", NarrowVgg16::configure)
                .inputSize(32, 32)
                .minimumSize(32)
                .preprocessing(ImagePreprocessing.unit())
                .torchNames(Backbone.vgg16().torchNames().get(0))
                .build();
    }

    private static ComputationGraphConfiguration configure(int height, int width) {
        ComputationGraphConfiguration graph = Backbone.vgg16().topology().configure(height, width);
        for (GraphVertex vertex : graph.getVertices().values()) {
            if (vertex instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof ConvolutionLayer convolution) {
                boolean first = convolution.getNIn() == PIXEL_CHANNELS;
                convolution.setNIn(first ? PIXEL_CHANNELS : convolution.getNIn() / VggKernels.NARROW);
                convolution.setNOut(convolution.getNOut() / VggKernels.NARROW);
            }
        }
        return graph;
    }
}
