package org.transfer4j.internal.augment;

/**
 * How one image is moved: mirrored, then turned and enlarged about its centre, then shifted.
 *
 * @param mirrored left and right change places
 * @param upsideDown top and bottom change places
 * @param degrees counter-clockwise
 * @param zoom above 1 enlarges
 * @param shiftX pixels to the right
 * @param shiftY pixels down
 */
record Geometry(boolean mirrored, boolean upsideDown, double degrees, double zoom, double shiftX, double shiftY) {
    /** Whether nothing moves. */
    boolean isIdentity() {
        return !mirrored && !upsideDown && isWholePixels() && shiftX == 0 && shiftY == 0;
    }

    /** Whether pixels fall on pixels, so that nothing is interpolated. */
    boolean isWholePixels() {
        return degrees == 0 && zoom == 1 && shiftX == Math.rint(shiftX) && shiftY == Math.rint(shiftY);
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
                .then(AffineMap.shift(centreX, centreY));
    }
}
