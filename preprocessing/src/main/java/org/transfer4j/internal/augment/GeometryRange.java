package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;

/**
 * How far images may be moved.
 *
 * @param smallestArea a part of at least so much of the image's area is taken for the whole; 1 for none
 * @param horizontalFlip whether half of them are mirrored
 * @param verticalFlip whether half of them stand on their heads
 * @param degrees turned by at most so much, either way
 * @param translation shifted by at most this part of height and width, either way
 * @param smallestZoom of the range of zoom factors
 * @param largestZoom of the range of zoom factors
 * @param padding shifted by at most so many whole pixels, either way
 */
public record GeometryRange(
        double smallestArea,
        boolean horizontalFlip,
        boolean verticalFlip,
        double degrees,
        double translation,
        double smallestZoom,
        double largestZoom,
        int padding) {
    /** Nothing moves. */
    public static final GeometryRange NONE = new GeometryRange(1, false, false, 0, 0, 1, 1, 0);

    /** Of a part of the image, height to width are at most so much (as torchvision has it). */
    private static final double LARGEST_RATIO = 4.0 / 3;

    private static final int TRIES = 10;

    /** Another smallest area. */
    public GeometryRange withSmallestArea(double fraction) {
        return new GeometryRange(
                fraction, horizontalFlip, verticalFlip, degrees, translation, smallestZoom, largestZoom, padding);
    }

    /** Another choice of horizontal flips. */
    public GeometryRange withHorizontalFlip() {
        return new GeometryRange(
                smallestArea, true, verticalFlip, degrees, translation, smallestZoom, largestZoom, padding);
    }

    /** Another choice of vertical flips. */
    public GeometryRange withVerticalFlip() {
        return new GeometryRange(
                smallestArea, horizontalFlip, true, degrees, translation, smallestZoom, largestZoom, padding);
    }

    /** Another rotation. */
    public GeometryRange withDegrees(double most) {
        return new GeometryRange(
                smallestArea, horizontalFlip, verticalFlip, most, translation, smallestZoom, largestZoom, padding);
    }

    /** Another translation. */
    public GeometryRange withTranslation(double most) {
        return new GeometryRange(
                smallestArea, horizontalFlip, verticalFlip, degrees, most, smallestZoom, largestZoom, padding);
    }

    /** Another zoom. */
    public GeometryRange withZoom(double smallest, double largest) {
        return new GeometryRange(
                smallestArea, horizontalFlip, verticalFlip, degrees, translation, smallest, largest, padding);
    }

    /** Another padding. */
    public GeometryRange withPadding(int pixels) {
        return new GeometryRange(
                smallestArea, horizontalFlip, verticalFlip, degrees, translation, smallestZoom, largestZoom, pixels);
    }

    /** Draws for an image of that width to height; shifts are in pixels of the result, which has the other two. */
    Geometry draw(RandomGenerator random, double imageRatio, int height, int width) {
        Geometry.Part part = smallestArea < 1 ? drawPart(random, imageRatio) : Geometry.Part.WHOLE;
        boolean mirrored = horizontalFlip && random.nextBoolean();
        boolean upsideDown = verticalFlip && random.nextBoolean();
        double turned = ImageSteps.uniform(random, -degrees, degrees);
        double zoom = ImageSteps.uniform(random, smallestZoom, largestZoom);
        double shiftX = ImageSteps.uniform(random, -translation, translation) * width;
        double shiftY = ImageSteps.uniform(random, -translation, translation) * height;
        if (padding > 0) {
            shiftX += random.nextInt(-padding, padding + 1);
            shiftY += random.nextInt(-padding, padding + 1);
        }
        return new Geometry(part, mirrored, upsideDown, turned, zoom, shiftX, shiftY);
    }

    private Geometry.Part drawPart(RandomGenerator random, double imageRatio) {
        double spread = Math.log(LARGEST_RATIO);
        for (int i = 0; i < TRIES; i++) {
            double area = ImageSteps.uniform(random, smallestArea, 1);
            double ratio = Math.exp(ImageSteps.uniform(random, -spread, spread));
            double partWidth = Math.sqrt(area * ratio / imageRatio);
            double partHeight = Math.sqrt(area / ratio * imageRatio);
            if (partWidth <= 1 && partHeight <= 1) {
                return new Geometry.Part(
                        ImageSteps.uniform(random, 0, 1 - partWidth),
                        ImageSteps.uniform(random, 0, 1 - partHeight),
                        partWidth,
                        partHeight);
            }
        }
        // a long strip: the largest part in its middle that is not too long itself
        double partWidth = Math.min(1, LARGEST_RATIO / imageRatio);
        double partHeight = Math.min(1, LARGEST_RATIO * imageRatio);
        return new Geometry.Part((1 - partWidth) / 2, (1 - partHeight) / 2, partWidth, partHeight);
    }
}
