package org.transfer4j.internal.format.safetensors;

import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.network.Op;

/**
 * PyTorch's layout, which is that of our ops: outputs first, and what is flattened is [channels, height, width]. But slopes
 * are one a channel, [channels], where ours are [channels, 1, 1]; PyTorch has no others, which are as here.
 */
public final class TorchArrays implements ArrayLayout {
    @Override
    public String owner() {
        return "PyTorch";
    }

    @Override
    public long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel) {
        long[] shape = kernel.shape().toArray();
        return kernel.op() instanceof Op.Slopes && kernel.shape().elements() == shape[0]
                ? new long[] {shape[0]}
                : shape;
    }

    @Override
    public float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored) {
        return stored;
    }
}
