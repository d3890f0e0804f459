package org.transfer4j.internal.chart;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Draws the elements of an SVG picture, whose colours the page may set: {@code --text}, {@code --first} and so on. */
final class SvgCanvas implements Canvas {
    private final StringBuilder elements = new StringBuilder();

    String element(int width, int height, String description) {
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" + width + "\" height=\"" + height
                + "\" viewBox=\"0 0 " + width + " " + height + "\" aria-label=\"" + Markup.escape(description) + "\">"
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
            elements.append(i == 0 ? "" : " ").append(number(x[i])).append(',').append(number(y[i]));
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
        elements.append(
                "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\""
                        + number(height) + "\" fill=\"" + colour(ink) + "\" fill-opacity=\"" + number(opacity) + "\"");
        elements.append(tip.isEmpty() ? "/>" : "><title>" + Markup.escape(tip) + "</title></rect>");
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
        elements.append(">").append(Markup.escape(text)).append("</text>");
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
