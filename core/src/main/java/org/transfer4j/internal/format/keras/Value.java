package org.transfer4j.internal.format.keras;

/**
 * The output of a layer, for one image.
 *
 * @param vertex the vertex that computes it
 * @param image whether Keras has it as [height, width, channels]; else it is a vector of the channels, which the vertex
 *     still computes as an image of one pixel
 */
record Value(String vertex, int height, int width, int channels, boolean image) {
    static Value image(String vertex, int height, int width, int channels) {
        return new Value(vertex, height, width, channels, true);
    }

    boolean sameShape(Value other) {
        return height == other.height && width == other.width && channels == other.channels && image == other.image;
    }

    boolean pixel() {
        return height == 1 && width == 1;
    }

    String shape() {
        return image ? "[" + height + ", " + width + ", " + channels + "]" : "[" + channels + "]";
    }
}
