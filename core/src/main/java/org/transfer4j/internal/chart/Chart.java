package org.transfer4j.internal.chart;

import java.util.List;

/** A picture of a fixed size. */
public interface Chart {
    /** In pixels. */
    int width();

    /** In pixels. */
    int height();

    /** Draws it, its upper left corner at the canvas' own. */
    void draw(Canvas canvas);

    /** As an element of a page. */
    default String svg(String description) {
        SvgCanvas canvas = new SvgCanvas();
        draw(canvas);
        return canvas.element(width(), height(), description);
    }

    /** Charts side by side, as the bytes of a PNG file; without text where Java finds no font. */
    static byte[] png(List<? extends Chart> charts) {
        return PngCanvas.draw(charts);
    }
}
