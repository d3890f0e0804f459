package org.transfer4j.internal.augment;

/**
 * How one image is moved: a part of it is taken for the whole, then mirrored, then turned and enlarged about its centre,
 * then shifted.
 *
 * @param part of the image, {@link Part#WHOLE} for all of it
 * @param mirrored left and right change places
 * @param upsideDown top and bottom change places
 * @param degrees counter-clockwise
 * @param zoom above 1 enlarges
 * @param shiftX pixels to the right
 * @param shiftY pixels down
 */
record Geometry(
        Part part, boolean mirrored, boolean upsideDown, double degrees, double zoom, double shiftX, double shiftY) {
    /** A rectangle in an image, all in parts of its width and height. */
    record Part(double x, double y, double width, double height) {
        static final Part WHOLE = new Part(0, 0, 1, 1);
    }

    Geometry(boolean mirrored, boolean upsideDown, double degrees, double zoom, double shiftX, double shiftY) {
        this(Part.WHOLE, mirrored, upsideDown, degrees, zoom, shiftX, shiftY);
    }

    /** Whether nothing moves. */
    boolean isIdentity() {
        return !mirrored && !upsideDown && isWholePixels() && shiftX == 0 && shiftY == 0;
    }

    /** Whether pixels fall on pixels, so that nothing is interpolated. */
    boolean isWholePixels() {
        return part.equals(Part.WHOLE)
                && degrees == 0
                && zoom == 1
                && shiftX == Math.rint(shiftX)
                && shiftY == Math.rint(shiftY);
    }

    /** From the places of the result to those of an image of the same size. */
    AffineMap toSource(int height, int width) {
        double centreX = (width - 1) / 2.0;
        double centreY = (height - 1) / 2.0;
        double cosine = Math.cos(Math.toRadians(degrees)) / zoom;
        double sine = Math.sin(Math.toRadians(degrees)) / zoom;
        AffineMap turned = AffineMap.linear(cosine, -sine, sine, cosine);
        AffineMap flipped = AffineMap.linear(mirrored ? -1 : 1, 0, 0, upsideDown ? -1 : 1);
        return AffineMap.shift(-centreX - shiftX, -centreY - shiftY)
                .then(turned)
                .then(flipped)
                .then(AffineMap.shift(centreX, centreY))
                .then(AffineMap.resize(part.width(), part.height()))
                .then(AffineMap.shift(part.x() * width, part.y() * height));
    }
}
