package org.transfer4j.internal.augment;

import org.jspecify.annotations.Nullable;

/** What one image is mixed with, and how much of it remains. */
public final class Mixture {
    private final int partner;
    private final double weight;
    private final @Nullable Rectangle pasted;

    private Mixture(int partner, double weight, @Nullable Rectangle pasted) {
        this.partner = partner;
        this.weight = weight;
        this.pasted = pasted;
    }

    static Mixture blend(int partner, double weight) {
        return new Mixture(partner, weight, null);
    }

    static Mixture cut(int partner, Rectangle pasted, int height, int width) {
        double area = (double) pasted.height() * pasted.width() / ((double) height * width);
        return new Mixture(partner, 1 - area, pasted);
    }

    /** The number of the other image. */
    public int partner() {
        return partner;
    }

    /** The share of the image itself, in pixels and in its class, 0 to 1; the other one has the rest. */
    public double weight() {
        return weight;
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
