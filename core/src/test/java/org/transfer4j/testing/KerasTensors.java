package org.transfer4j.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;

/**
 * The tensors of a layer as Keras would have them, worked out from the layer's settings alone.
 *
 * @param shapes in Keras' order, by Keras' names
 * @param factor what {@code backbones.py} multiplies the bound of the hash weights by
 */
record KerasTensors(Map<String, long[]> shapes, double factor) {
    /** Those of all layers that have any. */
    static Map<String, KerasTensors> of(Network network) {
        Map<String, KerasTensors> tensors = new LinkedHashMap<>();
        for (Network.Node node : network.nodes().values()) {
            if (node.op() instanceof Op.Normalization normalization) {
                tensors.put(node.layer(), of(normalization));
            } else if (node.op() instanceof Op.Convolution convolution) {
                tensors.put(node.layer(), of(convolution));
            }
        }
        return tensors;
    }

    private static KerasTensors of(Op.Normalization normalization) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (String name : new String[] {"gamma", "beta", "moving_mean", "moving_variance"}) {
            shapes.put(name, new long[] {normalization.channels()});
        }
        return new KerasTensors(shapes, 1);
    }

    private static KerasTensors of(Op.Convolution convolution) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        boolean depthwise = convolution.isDepthwise();
        int height = convolution.window().kernel().height();
        int width = convolution.window().kernel().width();
        int ins = convolution.inputs();
        shapes.put("kernel", new long[] {height, width, ins, depthwise ? 1 : convolution.outputs()});
        if (convolution.biased()) {
            shapes.put("bias", new long[] {convolution.outputs()});
        }
        return new KerasTensors(shapes, depthwise ? Math.sqrt(ins) : 1);
    }
}
