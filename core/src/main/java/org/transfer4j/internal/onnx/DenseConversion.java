package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/**
 * A dense layer or the output layer, and its activation. DL4J keeps the weights [in, out] in the order in which [out, in]
 * lies in C, which the operator takes as well.
 */
final class DenseConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        FeedForwardLayer layer = (FeedForwardLayer) site.layer();
        if (site.input().isImage()) {
            throw site.unsupported(
                    "needs a vector, its input is an image " + site.input().shape());
        }
        if (layer instanceof DenseLayer dense && dense.hasLayerNorm()) {
            throw site.unsupported("has layer normalization");
        }
        Node node = site.node("Gemm")
                .inputs(site.input())
                .constants(site.weights(
                        DefaultParamInitializer.WEIGHT_KEY,
                        site.parameter(DefaultParamInitializer.WEIGHT_KEY).transpose()))
                .attribute("transB", 1);
        if (hasBias(layer)) {
            node.constants(site.vector(DefaultParamInitializer.BIAS_KEY));
        }
        return site.activate(node.output(List.of(layer.getNOut())), layer.getActivationFn());
    }

    private static boolean hasBias(FeedForwardLayer layer) {
        return layer instanceof DenseLayer dense ? dense.hasBias() : ((BaseOutputLayer) layer).hasBias();
    }
}
