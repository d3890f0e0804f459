package org.transfer4j.internal.augment;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.augment.ImageSteps.Rectangle;

/**
 * How images are mixed with others: not at all, or each with another one drawn from all. Where both ways are chosen, a
 * coin decides.
 *
 * @param mixUpAlpha of mixup (Zhang et al. 2018), 0 for none
 * @param cutMixAlpha of CutMix (Yun et al. 2019), 0 for none
 */
public record Mixing(double mixUpAlpha, double cutMixAlpha) {
    /** Nothing is mixed. */
    public static final Mixing NONE = new Mixing(0, 0);

    /**
     * What one image is mixed with.
     *
     * @param partner the number of the other image
     * @param weight the share of the image itself, in pixels and in its class, 0 to 1; the other one has the rest
     * @param pasted the part of the other one that covers the image; null where both are blended
     */
    public record Mixture(
            int partner, double weight, @Nullable Rectangle pasted) {
        static Mixture blend(int partner, double weight) {
            return new Mixture(partner, weight, null);
        }

        static Mixture cut(int partner, Rectangle pasted, int height, int width) {
            double area = (double) pasted.height() * pasted.width() / ((double) height * width);
            return new Mixture(partner, 1 - area, pasted);
        }

        /**
         * Mixes two images of three planes each.
         *
         * @param own becomes the mixture
         * @param width of both
         */
        public void apply(float[] own, float[] other, int width) {
            if (pasted == null) {
                blend(own, other);
            } else {
                paste(own, other, width, pasted);
            }
        }

        private void blend(float[] own, float[] other) {
            float share = (float) weight;
            for (int i = 0; i < own.length; i++) {
                own[i] = share * own[i] + (1 - share) * other[i];
            }
        }

        private static void paste(float[] own, float[] other, int width, Rectangle box) {
            int plane = own.length / 3;
            for (int start = 0; start < own.length; start += plane) {
                for (int row = box.top(); row < box.top() + box.height(); row++) {
                    int from = start + row * width + box.left();
                    System.arraycopy(other, from, own, from, box.width());
                }
            }
        }
    }

    /** Whether nothing is mixed. */
    public boolean isNone() {
        return equals(NONE);
    }

    /**
     * Draws the mixture that an image becomes: before all else that is drawn for it, so that its classes can be known
     * without its pixels.
     *
     * @param images of how many the other one is drawn
     * @param height of the network's input
     * @param width of the network's input
     * @return empty, with nothing drawn, where nothing is mixed
     */
    public Optional<Mixture> draw(RandomGenerator random, int images, int height, int width) {
        if (isNone()) {
            return Optional.empty();
        }
        int partner = random.nextInt(images);
        boolean cuts = cutMixAlpha > 0 && (mixUpAlpha == 0 || random.nextBoolean());
        double share = beta(random, cuts ? cutMixAlpha : mixUpAlpha);
        return Optional.of(
                cuts
                        ? Mixture.cut(partner, box(random, 1 - share, height, width), height, width)
                        : Mixture.blend(partner, share));
    }

    /** Its centre is anywhere, what sticks out is cut off. */
    private static Rectangle box(RandomGenerator random, double area, int height, int width) {
        int boxHeight = (int) (height * Math.sqrt(area));
        int boxWidth = (int) (width * Math.sqrt(area));
        int top = random.nextInt(height) - boxHeight / 2;
        int left = random.nextInt(width) - boxWidth / 2;
        int bottom = Math.min(height, top + boxHeight);
        int right = Math.min(width, left + boxWidth);
        return new Rectangle(Math.max(0, top), Math.max(0, left), bottom - Math.max(0, top), right - Math.max(0, left));
    }

    /**
     * Draws from the symmetric Beta(alpha, alpha) distribution: X / (X + Y) with X and Y from Gamma(alpha), where Gamma(a) is
     * Gamma(a + 1) U^(1/a). By logarithms, and the difference of those of U before it is divided: both X and Y may be too
     * small for a double, and 1/a too large.
     */
    static double beta(RandomGenerator random, double alpha) {
        double one = Math.log(gamma(random, alpha + 1));
        double oneUniform = Math.log(1 - random.nextDouble());
        double other = Math.log(gamma(random, alpha + 1));
        double otherUniform = Math.log(1 - random.nextDouble());
        return 1 / (1 + Math.exp(other - one + (otherUniform - oneUniform) / alpha));
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
