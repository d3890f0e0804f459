package org.transfer4j.internal.chart;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** A picture of a fixed size, drawn on a canvas, of which there are two: SVG for pages, here, and {@link Png}. */
public abstract class Chart {
    /** Colours by what they are for. A page has others in the dark. */
    public enum Ink {
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
    public enum Anchor {
        START,
        MIDDLE,
        END
    }

    /** What charts are drawn on, in pixels from the upper left corner. */
    public interface Canvas {
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

    /** In pixels. */
    protected abstract int width();

    /** In pixels. */
    protected abstract int height();

    /** Draws it, its upper left corner at the canvas' own. */
    protected abstract void draw(Canvas canvas);

    /** As an element of a page. */
    public final String svg(String description) {
        Svg canvas = new Svg();
        draw(canvas);
        return canvas.element(width(), height(), description);
    }

    /** Draws the elements of an SVG picture, whose colours the page may set: {@code --text}, {@code --first} and so on. */
    private static final class Svg implements Canvas {
        private final StringBuilder elements = new StringBuilder();

        String element(int width, int height, String description) {
            return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" + width + "\" height=\"" + height
                    + "\" viewBox=\"0 0 " + width + " " + height + "\" aria-label=\"" + HtmlPage.escape(description)
                    + "\">"
                    + elements + "</svg>";
        }

        @Override
        public void line(double[] x, double[] y, Ink ink, boolean dashed) {
            elements.append("<polyline fill=\"none\" stroke-width=\"")
                    .append(ink == Ink.GRID ? 1 : 2)
                    .append(dashed ? "\" stroke-dasharray=\"2 4" : "")
                    .append("\" stroke=\"")
                    .append(colour(ink))
                    .append("\" points=\"");
            for (int i = 0; i < x.length; i++) {
                elements.append(i == 0 ? "" : " ")
                        .append(number(x[i]))
                        .append(',')
                        .append(number(y[i]));
            }
            elements.append("\"/>");
        }

        @Override
        public void dot(double x, double y, Ink ink) {
            elements.append(
                    "<circle r=\"4\" cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" fill=\"" + colour(ink) + "\"/>");
        }

        @Override
        public void rectangle(double x, double y, double width, double height, Ink ink, double opacity, String tip) {
            elements.append("<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width)
                    + "\" height=\"" + number(height) + "\" fill=\"" + colour(ink) + "\" fill-opacity=\""
                    + number(opacity) + "\"");
            elements.append(tip.isEmpty() ? "/>" : "><title>" + HtmlPage.escape(tip) + "</title></rect>");
        }

        @Override
        public void text(String text, double x, double y, Anchor anchor, double size, Ink ink, boolean turned) {
            elements.append("<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\""
                    + anchor.name().toLowerCase(Locale.ROOT) + "\" dominant-baseline=\"central\" font-size=\""
                    + number(size)
                    + "\" fill=\"" + colour(ink) + "\"");
            if (turned) {
                elements.append(" transform=\"rotate(-90 " + number(x) + " " + number(y) + ")\"");
            }
            elements.append(">").append(HtmlPage.escape(text)).append("</text>");
        }

        private static String colour(Ink ink) {
            return String.format(Locale.ROOT, "var(--%s,#%06x)", ink.name().toLowerCase(Locale.ROOT), ink.light());
        }

        /** To a hundredth of a pixel. */
        private static String number(double value) {
            BigDecimal rounded = new BigDecimal(value).setScale(2, RoundingMode.HALF_EVEN);
            return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        }
    }
}
