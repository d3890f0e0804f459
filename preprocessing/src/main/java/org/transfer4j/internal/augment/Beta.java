package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;

/** Draws from the symmetric Beta(alpha, alpha) distribution. */
final class Beta {
    private Beta() {}

    /** X / (X + Y) with X and Y from Gamma(alpha), by logarithms: both may be too small for a double. */
    static double draw(RandomGenerator random, double alpha) {
        double one = logOfGamma(random, alpha);
        double other = logOfGamma(random, alpha);
        return 1 / (1 + Math.exp(other - one));
    }

    /** Gamma(a) is Gamma(a + 1) U^(1/a). */
    private static double logOfGamma(RandomGenerator random, double shape) {
        return Math.log(gamma(random, shape + 1)) + Math.log(1 - random.nextDouble()) / shape;
    }

    /** G. Marsaglia and W. Tsang, A Simple Method for Generating Gamma Variables, 2000; for shapes from 1. */
    private static double gamma(RandomGenerator random, double shape) {
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
