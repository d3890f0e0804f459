package org.transfer4j.internal.format;

/** What a layer's weights mean, as far as programs lay them out differently. */
public enum LayerKind {
    /** A kernel [out, in, height, width] in DL4J, and often a bias. */
    CONVOLUTION,
    /** A kernel [height, width, in, multiplier] in DL4J, and often a bias. */
    DEPTHWISE_CONVOLUTION,
    /** A kernel [in, out] in DL4J, and often a bias. */
    DENSE,
    /** Scale, shift, mean and variance. */
    BATCH_NORMALIZATION
}
