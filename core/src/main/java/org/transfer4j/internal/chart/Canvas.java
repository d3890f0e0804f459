package org.transfer4j.internal.chart;

/** What charts are drawn on, in pixels from the upper left corner. */
public interface Canvas {
    /** Colours by what they are for. A page has others in the dark. */
    enum Ink {
        TEXT(0x222222),
        MUTED(0x6B6B6B),
        GRID(0xDDDDDD),
        FIRST(0x1F77B4),
        SECOND(0xFF7F0E);

        private final int light;

        Ink(int light) {
            this.light = light;
        }

        /** Red, green and blue on a light ground. */
        int light() {
            return light;
        }
    }

    /** Which part of a text is at its place. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    /** Lines from point to point. */
    void line(double[] x, double[] y, Ink ink, boolean dashed);

    /** A full circle. */
    void dot(double x, double y, Ink ink);

    /**
     * A full rectangle.
     *
     * @param opacity from 0 to 1
     * @param tip what is told where somebody points at it; "" for nothing
     */
    void rectangle(double x, double y, double width, double height, Ink ink, double opacity, String tip);

    /**
     * A line of text, its middle at the height y.
     *
     * @param turned whether it runs from below upwards
     */
    void text(String text, double x, double y, Anchor anchor, double size, Ink ink, boolean turned);
}
