package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.memory;

/** A value or a gradient in a plan: its layout and its buffer. */
record Tensor(memory.desc layout, Region region) {
    /** [N, C, H, W], whatever the layout. */
    long[] dimensions() {
        return dimensions(layout);
    }

    /** Plain order for numbers of its type, in an image of other dimensions or the same. */
    memory.desc plainly(long[] dimensions) {
        return Layouts.plain(dimensions, layout.data_type());
    }

    /** [N, C, H, W] of what has a layout. */
    static long[] dimensions(memory.desc layout) {
        long[] dimensions = new long[4];
        layout.dims().get(dimensions);
        return dimensions;
    }
}
