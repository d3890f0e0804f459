package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;

/**
 * How far images may be moved.
 *
 * @param horizontalFlip whether half of them are mirrored
 * @param verticalFlip whether half of them stand on their heads
 * @param degrees turned by at most so much, either way
 * @param translation shifted by at most this part of height and width, either way
 * @param smallestZoom of the range of zoom factors
 * @param largestZoom of the range of zoom factors
 * @param padding shifted by at most so many whole pixels, either way
 */
public record GeometryRange(
        boolean horizontalFlip,
        boolean verticalFlip,
        double degrees,
        double translation,
        double smallestZoom,
        double largestZoom,
        int padding) {
    /** Nothing moves. */
    public static final GeometryRange NONE = new GeometryRange(false, false, 0, 0, 1, 1, 0);

    /** Another choice of horizontal flips. */
    public GeometryRange withHorizontalFlip() {
        return new GeometryRange(true, verticalFlip, degrees, translation, smallestZoom, largestZoom, padding);
    }

    /** Another choice of vertical flips. */
    public GeometryRange withVerticalFlip() {
        return new GeometryRange(horizontalFlip, true, degrees, translation, smallestZoom, largestZoom, padding);
    }

    /** Another rotation. */
    public GeometryRange withDegrees(double most) {
        return new GeometryRange(horizontalFlip, verticalFlip, most, translation, smallestZoom, largestZoom, padding);
    }

    /** Another translation. */
    public GeometryRange withTranslation(double most) {
        return new GeometryRange(horizontalFlip, verticalFlip, degrees, most, smallestZoom, largestZoom, padding);
    }

    /** Another zoom. */
    public GeometryRange withZoom(double smallest, double largest) {
        return new GeometryRange(horizontalFlip, verticalFlip, degrees, translation, smallest, largest, padding);
    }

    /** Another padding. */
    public GeometryRange withPadding(int pixels) {
        return new GeometryRange(horizontalFlip, verticalFlip, degrees, translation, smallestZoom, largestZoom, pixels);
    }

    Geometry draw(RandomGenerator random, int height, int width) {
        boolean mirrored = horizontalFlip && random.nextBoolean();
        boolean upsideDown = verticalFlip && random.nextBoolean();
        double turned = Uniform.draw(random, -degrees, degrees);
        double zoom = Uniform.draw(random, smallestZoom, largestZoom);
        double shiftX = Uniform.draw(random, -translation, translation) * width;
        double shiftY = Uniform.draw(random, -translation, translation) * height;
        if (padding > 0) {
            shiftX += random.nextInt(-padding, padding + 1);
            shiftY += random.nextInt(-padding, padding + 1);
        }
        return new Geometry(mirrored, upsideDown, turned, zoom, shiftX, shiftY);
    }
}
