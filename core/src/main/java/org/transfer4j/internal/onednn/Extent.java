package org.transfer4j.internal.onednn;

/** A height and a width, in pixels. */
record Extent(int height, int width) {
    static Extent of(int[] heightAndWidth) {
        return new Extent(heightAndWidth[0], heightAndWidth[1]);
    }

    Extent plus(Extent other) {
        return new Extent(height + other.height, width + other.width);
    }

    long[] dimensions() {
        return new long[] {height, width};
    }
}
