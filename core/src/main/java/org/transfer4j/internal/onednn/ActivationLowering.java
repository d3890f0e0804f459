package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.layers.ActivationLayer;

/** An activation that is a layer of its own. */
final class ActivationLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        return site.activate(site.input(), ((ActivationLayer) site.layer()).getActivationFn());
    }
}
