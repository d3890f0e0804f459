package org.transfer4j.internal.format.safetensors;

import java.util.stream.LongStream;
import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.LayerShapes;

/**
 * PyTorch's layout.
 *
 * <ul>
 *   <li>Kernels of convolutions: [out, in, height, width] as in DL4J; of depthwise convolutions [in times multiplier, 1,
 *       height, width], in DL4J [height, width, in, multiplier].
 *   <li>Of separable convolutions, which are two modules: [in times multiplier, 1, height, width], in DL4J [multiplier, in,
 *       height, width]; and a convolution of one pixel.
 *   <li>Slopes: one a channel, [channels]; PyTorch has no others, which are as in DL4J.
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
            case SEPARABLE_CONVOLUTION -> new long[] {dl4j[0] * dl4j[1], 1, dl4j[2], dl4j[3]};
            case SLOPES -> slopes(dl4j);
            default -> dl4j.clone();
        };
    }

    private static long[] slopes(long[] dl4j) {
        long count = LongStream.of(dl4j).reduce(1, Math::multiplyExact);
        boolean row = dl4j.length == 2 && dl4j[0] == 1;
        return row || count == dl4j[0] ? new long[] {count} : dl4j.clone();
    }

    @Override
    public float[] kernelToDl4j(LayerShapes layer, float[] stored) {
        long[] dl4j = layer.kernel();
        return switch (layer.kind()) {
            case DENSE -> ArrayLayout.transposed(stored, (int) dl4j[1], (int) dl4j[0]);
            case DEPTHWISE_CONVOLUTION ->
                ArrayLayout.transposed(stored, (int) (dl4j[2] * dl4j[3]), (int) (dl4j[0] * dl4j[1]));
            case SEPARABLE_CONVOLUTION ->
                ArrayLayout.transposed(stored, (int) dl4j[1], (int) dl4j[0], (int) (dl4j[2] * dl4j[3]));
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
            case SEPARABLE_CONVOLUTION ->
                ArrayLayout.transposed(values, (int) dl4j[0], (int) dl4j[1], (int) (dl4j[2] * dl4j[3]));
            default -> values;
        };
    }
}
