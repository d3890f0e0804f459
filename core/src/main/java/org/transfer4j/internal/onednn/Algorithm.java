package org.transfer4j.internal.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** How a convolution is computed. */
enum Algorithm {
    /** The sum of products as it is written. */
    DIRECT(dnnl.dnnl_convolution_direct),
    /** Winograd's F(4x4, 3x3): 36 instead of 144 multiplications for 16 outputs of a 3x3 kernel. */
    WINOGRAD(dnnl.dnnl_convolution_winograd);

    private final int constant;

    Algorithm(int constant) {
        this.constant = constant;
    }

    int constant() {
        return constant;
    }
}
