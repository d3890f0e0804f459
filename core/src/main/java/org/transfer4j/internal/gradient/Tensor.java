package org.transfer4j.internal.gradient;

import org.bytedeco.dnnl.memory;

/** A value or a gradient: its layout and its buffer. */
record Tensor(memory.desc layout, Buffer buffer) {
    /** [N, C, H, W], whatever the layout. */
    long[] dimensions() {
        long[] dimensions = new long[4];
        layout.dims().get(dimensions);
        return dimensions;
    }
}
