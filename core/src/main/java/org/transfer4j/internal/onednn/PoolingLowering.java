package org.transfer4j.internal.onednn;

import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.transfer4j.internal.onednn.Operation.Pooling;

/** Maximum and mean pooling. */
final class PoolingLowering implements LayerLowering {
    @Override
    public Value lower(LayerSite site) throws UnsupportedGraphException {
        SubsamplingLayer layer = (SubsamplingLayer) site.layer();
        Window window = new WindowLowering(
                        Extent.of(layer.getKernelSize()),
                        Extent.of(layer.getStride()),
                        Extent.of(layer.getPadding()),
                        Extent.of(layer.getDilation()),
                        layer.getConvolutionMode(),
                        layer.getCnn2dDataFormat())
                .lower(site);
        if (!window.padsLessThanKernel()) {
            throw site.unsupported("padding as large as the kernel");
        }
        Pooling.Kind kind = kind(site, layer);
        ImageShape output = site.shapeAfter(site.image(), window, site.image().channels());
        return site.program().append(output, made -> new Pooling(site.input(), kind, window, made));
    }

    private static Pooling.Kind kind(LayerSite site, SubsamplingLayer layer) throws UnsupportedGraphException {
        return switch (layer.getPoolingType()) {
            case MAX -> Pooling.Kind.MAXIMUM;
            case AVG ->
                layer.isAvgPoolIncludePadInDivisor()
                        ? Pooling.Kind.MEAN_WITH_PADDING
                        : Pooling.Kind.MEAN_WITHOUT_PADDING;
            case SUM, PNORM -> throw site.unsupported("pooling type " + layer.getPoolingType());
        };
    }
}
