package org.transfer4j.internal.format.safetensors;

import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.LayerShapes;

/**
 * PyTorch's layout.
 *
 * <ul>
 *   <li>Kernels of convolutions: [out, in, height, width] as in DL4J; of depthwise convolutions [in times multiplier, 1,
 *       height, width], in DL4J [height, width, in, multiplier].
 *   <li>Kernels of dense layers: [out, in], in DL4J [in, out]. Both flatten [channels, height, width].
 * </ul>
 */
public final class TorchArrays implements ArrayLayout {
    @Override
    public String owner() {
        return "PyTorch";
    }

    @Override
    public long[] kernelShape(LayerShapes layer) {
        long[] dl4j = layer.kernel();
        return switch (layer.kind()) {
            case DENSE -> new long[] {dl4j[1], dl4j[0]};
            case DEPTHWISE_CONVOLUTION -> new long[] {dl4j[2] * dl4j[3], 1, dl4j[0], dl4j[1]};
            default -> dl4j.clone();
        };
    }

    @Override
    public float[] kernelToDl4j(LayerShapes layer, float[] stored) {
        long[] dl4j = layer.kernel();
        return switch (layer.kind()) {
            case DENSE -> ArrayLayout.transposed(stored, (int) dl4j[1], (int) dl4j[0]);
            case DEPTHWISE_CONVOLUTION ->
                ArrayLayout.transposed(stored, (int) (dl4j[2] * dl4j[3]), (int) (dl4j[0] * dl4j[1]));
            default -> stored;
        };
    }

    /** The way back. */
    float[] kernelFromDl4j(LayerShapes layer, float[] values) {
        long[] dl4j = layer.kernel();
        return switch (layer.kind()) {
            case DENSE -> ArrayLayout.transposed(values, (int) dl4j[0], (int) dl4j[1]);
            case DEPTHWISE_CONVOLUTION ->
                ArrayLayout.transposed(values, (int) (dl4j[0] * dl4j[1]), (int) (dl4j[2] * dl4j[3]));
            default -> values;
        };
    }
}
