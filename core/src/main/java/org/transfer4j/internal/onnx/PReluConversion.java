package org.transfer4j.internal.onnx;

import org.deeplearning4j.nn.params.PReLUParamInitializer;

/**
 * A rectifier with learned slopes, [C, H, W] or 1 where they are shared. DL4J's layer has the setting of an activation
 * besides, and does not heed it.
 */
final class PReluConversion implements LayerConversion {
    @Override
    public Value convert(LayerSite site) {
        return site.node("PRelu")
                .inputs(site.input())
                .constants(site.weights(PReLUParamInitializer.WEIGHT_KEY))
                .output(site.input().shape());
    }
}
