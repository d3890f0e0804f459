package org.transfer4j.testing;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Network weights from an integer hash, as {@code hash_weights.py} makes them for Keras, so that no weight file needs to
 * be stored. A value depends on the tensor's name ("block1_conv1/kernel"), on the flat index in Keras' order (C order;
 * kernels of convolutions are [height, width, in, out], those of dense layers [in, out]) and on a bound. What batch
 * normalization multiplies and divides by is around 1, all else around 0.
 */
public final class HashWeights {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double BIAS_BOUND = 0.05;
    private static final Map<String, Double> NORMALIZATION_BOUNDS =
            Map.of("gamma", 0.25, "beta", 0.1, "moving_mean", 0.1, "moving_variance", 0.25);

    private HashWeights() {}

    /**
     * One tensor.
     *
     * @param name the layer and "kernel", "bias", "gamma" ..., for example "block1_conv1/kernel"
     * @param shape its shape in Keras
     * @return its values in Keras' order
     */
    public static float[] values(String name, long... shape) {
        return values(name, 1, shape);
    }

    /**
     * One tensor with a multiple of the usual bound.
     *
     * @param name the layer and "kernel" or "bias"
     * @param factor what the bound is multiplied by
     * @param shape its shape in Keras
     * @return its values in Keras' order
     */
    public static float[] values(String name, double factor, long... shape) {
        double bound = bound(name, shape) * factor;
        double centre = centre(name);
        long seed = fnv1a64(name);
        float[] values = new float[Math.toIntExact(product(shape, shape.length))];
        for (int i = 0; i < values.length; i++) {
            double unit = (hash(seed, i) >>> 40) / (double) (1 << 24);
            values[i] = (float) ((2 * unit - 1) * bound + centre);
        }
        return values;
    }

    /** Constants for batch normalization, He uniform for kernels, Glorot uniform for the softmax layer's, a constant for biases. */
    static double bound(String name, long... shape) {
        if (name.endsWith("/bias")) {
            return BIAS_BOUND;
        }
        Double normalization = NORMALIZATION_BOUNDS.get(name.substring(name.lastIndexOf('/') + 1));
        if (normalization != null) {
            return normalization;
        }
        long inputs = product(shape, shape.length - 1);
        boolean softmax = name.startsWith("predictions/");
        return Math.sqrt(6.0 / (softmax ? inputs + shape[shape.length - 1] : inputs));
    }

    /** 1 for what batch normalization multiplies and divides by. */
    private static double centre(String name) {
        return name.endsWith("/gamma") || name.endsWith("/moving_variance") ? 1 : 0;
    }

    static long fnv1a64(String name) {
        long digest = 0xCBF29CE484222325L;
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            digest = (digest ^ (octet & 0xFF)) * 0x100000001B3L;
        }
        return digest;
    }

    static long hash(long seed, long index) {
        long z = seed + index * GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static long product(long[] shape, int dimensions) {
        long product = 1;
        for (int i = 0; i < dimensions; i++) {
            product *= shape[i];
        }
        return product;
    }
}
