package org.transfer4j.internal.trunk;

/** How a convolution is computed. Model files have the names. */
public enum Algorithm {
    /** The sum of products as it is written. */
    DIRECT,
    /** Winograd's F(4x4, 3x3): 36 instead of 144 multiplications for 16 outputs of a 3x3 kernel. */
    WINOGRAD
}
