package org.transfer4j.internal.onednn;

import org.bytedeco.dnnl.memory;

/** A value or a gradient in a plan: its layout and its buffer. */
public record Tensor(memory.desc layout, Region region) {
    /** [N, C, H, W], whatever the layout. */
    public long[] dimensions() {
        long[] dimensions = new long[4];
        layout.dims().get(dimensions);
        return dimensions;
    }
}
