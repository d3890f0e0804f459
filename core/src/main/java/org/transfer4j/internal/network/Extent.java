package org.transfer4j.internal.network;

/** A height and a width, in pixels. */
public record Extent(int height, int width) {
    /** One pixel. */
    public static final Extent ONE = new Extent(1, 1);

    static final Extent NONE = new Extent(0, 0);

    void requireAtLeast(int least, String what) {
        if (height < least || width < least) {
            throw new IllegalArgumentException(
                    what + " must be two numbers of " + least + " or more, got " + height + " and " + width);
        }
    }

    /** Reads height and width, in this order. */
    public static Extent of(int[] heightAndWidth) {
        return new Extent(heightAndWidth[0], heightAndWidth[1]);
    }

    /**
     * The sum of the sides.
     *
     * @throws ArithmeticException if one is too large to be counted
     */
    public Extent plus(Extent other) {
        return new Extent(Math.addExact(height, other.height), Math.addExact(width, other.width));
    }

    /** Height and width as oneDNN takes them. */
    public long[] dimensions() {
        return new long[] {height, width};
    }

    @Override
    public String toString() {
        return height + "x" + width;
    }
}
