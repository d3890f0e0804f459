package org.transfer4j.backbone;

/**
 * The numbers in which convolutional layers compute. Images, features, the weights that are trained and their gradients
 * are float in either case.
 */
public enum Precision {
    /** 32 bits, about 7 decimal digits. The default. */
    FLOAT32,

    /**
     * 16 bits with the exponent of float and 8 bits of mantissa, 2 to 3 decimal digits: weights and activations are
     * rounded to them, products are summed in float. Normalization is folded into the weights before they are rounded.
     * Features of VGG16 differ by 0.6% to 0.7% from those of {@link #FLOAT32} (relative L2).
     *
     * <p>Only where it is in the CPU's hardware: with AMX (Intel Xeon from 2023 on), where it is several times as fast as
     * float, or with AVX512_BF16 alone, where it is slower for networks of 3x3 convolutions, which in float take Winograd's
     * algorithm: VGG16 made 13.7 images/s at 224x224 instead of 16.1. Elsewhere, and for layers that oneDNN does not
     * compute, float takes its place, and the log says so.
     */
    BFLOAT16
}
