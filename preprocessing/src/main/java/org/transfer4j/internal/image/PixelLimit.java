package org.transfer4j.internal.image;

/** The largest image that is decoded: a file of a few kilobytes can ask for gigabytes of memory. */
final class PixelLimit {
    /** 100 megapixels: more than any common camera takes, and at most 300 MB decoded. */
    static final long PIXELS = 100_000_000;

    private PixelLimit() {}

    /** Checks a size before anything is allocated for it. */
    static void require(long width, long height, ImageOrigin origin) {
        if (width <= 0 || height <= 0) {
            throw origin.refused("width and height must be at least 1, but its header says " + width + "x" + height);
        }
        if (width > PIXELS / height) {
            throw origin.refused("is " + width + "x" + height + " pixels, more than the limit of " + PIXELS / 1_000_000
                    + " megapixels");
        }
    }
}
