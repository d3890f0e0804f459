package org.transfer4j.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * The tensors of a layer as Keras would have them, worked out from the layer's settings alone.
 *
 * @param shapes in Keras' order, by Keras' names
 * @param factor what {@code backbones.py} multiplies the bound of the hash weights by
 */
record KerasTensors(Map<String, long[]> shapes, double factor) {
    /** Those of all layers that have any. */
    static Map<String, KerasTensors> of(ComputationGraphConfiguration network) {
        Map<String, KerasTensors> tensors = new LinkedHashMap<>();
        network.getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex layer && vertex.numParams(true) > 0) {
                tensors.put(name, of(layer.getLayerConf().getLayer()));
            }
        });
        return tensors;
    }

    private static KerasTensors of(Layer layer) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        if (layer instanceof BatchNormalization normalization) {
            for (String name : new String[] {"gamma", "beta", "moving_mean", "moving_variance"}) {
                shapes.put(name, new long[] {normalization.getNOut()});
            }
            return new KerasTensors(shapes, 1);
        }
        ConvolutionLayer convolution = (ConvolutionLayer) layer;
        boolean depthwise = layer instanceof DepthwiseConvolution2D;
        int[] size = convolution.getKernelSize();
        long ins = convolution.getNIn();
        shapes.put("kernel", new long[] {size[0], size[1], ins, depthwise ? 1 : convolution.getNOut()});
        if (convolution.hasBias()) {
            shapes.put("bias", new long[] {convolution.getNOut()});
        }
        return new KerasTensors(shapes, depthwise ? Math.sqrt((double) ins) : 1);
    }
}
