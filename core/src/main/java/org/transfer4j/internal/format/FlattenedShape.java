package org.transfer4j.internal.format;

/**
 * The shape that a Flatten flattens before a dense layer.
 *
 * @param height rows
 * @param width columns
 * @param channels channels
 */
public record FlattenedShape(int height, int width, int channels) {
    /** Checks that there is something to flatten. */
    public FlattenedShape {
        if (height < 1 || width < 1 || channels < 1) {
            throw new IllegalArgumentException(
                    "a flattened shape is positive, but was " + height + " x " + width + " x " + channels);
        }
    }

    /**
     * The shape before a dense layer that follows no Flatten, but another dense layer or a global pooling.
     *
     * @param features how many values a row has
     * @return a shape that needs no change of order
     */
    public static FlattenedShape none(int features) {
        return new FlattenedShape(1, 1, features);
    }

    /**
     * How many values are flattened.
     *
     * @return height times width times channels
     */
    public int size() {
        return Math.multiplyExact(Math.multiplyExact(height, width), channels);
    }
}
