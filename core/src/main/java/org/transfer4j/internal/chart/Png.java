package org.transfer4j.internal.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.chart.Chart.Anchor;
import org.transfer4j.internal.chart.Chart.Ink;

/** Pictures as files of the format PNG. */
public final class Png {
    private static final Logger LOG = LoggerFactory.getLogger(Png.class);
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private Png() {}

    /** The bytes of a file, made in memory alone: where Java may choose, it writes a file in the temporary folder first. */
    public static byte[] of(RenderedImage picture) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(picture, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture in memory can't be written: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    /** Charts side by side; without text where Java finds no font. */
    public static byte[] of(List<? extends Chart> charts) {
        int width = charts.stream().mapToInt(Chart::width).sum();
        int height = charts.stream().mapToInt(Chart::height).max().orElse(1);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            for (Chart chart : charts) {
                chart.draw(new Canvas(graphics));
                graphics.translate(chart.width(), 0);
            }
            return of(picture);
        } finally {
            graphics.dispose();
        }
    }

    /** Draws on an image in memory. Needs no screen. */
    private static final class Canvas implements Chart.Canvas {
        private static final double RADIUS = 4;

        private final Graphics2D graphics;

        Canvas(Graphics2D graphics) {
            this.graphics = graphics;
        }

        @Override
        public void line(double[] x, double[] y, Ink ink, boolean dashed) {
            Path2D path = new Path2D.Double();
            path.moveTo(x[0], y[0]);
            for (int i = 1; i < x.length; i++) {
                path.lineTo(x[i], y[i]);
            }
            float[] dashes = dashed ? new float[] {2, 4} : null;
            graphics.setStroke(new BasicStroke(
                    ink == Ink.GRID ? 1 : 2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes, 0));
            graphics.setColor(new Color(ink.light()));
            graphics.draw(path);
        }

        @Override
        public void dot(double x, double y, Ink ink) {
            graphics.setColor(new Color(ink.light()));
            graphics.fill(new Ellipse2D.Double(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS));
        }

        @Override
        public void rectangle(double x, double y, double width, double height, Ink ink, double opacity, String tip) {
            graphics.setColor(new Color(ink.light() | (int) Math.round(255 * opacity) << 24, true));
            graphics.fill(new Rectangle2D.Double(x, y, width, height));
        }

        /** Java writes no text where no font is installed, as in slim containers; lines say something without it. */
        @Override
        public void text(String text, double x, double y, Anchor anchor, double size, Ink ink, boolean turned) {
            try {
                write(text, x, y, anchor, size, ink, turned);
            } catch (InternalError | LinkageError | RuntimeException e) {
                if (!TOLD.getAndSet(true)) {
                    LOG.warn(
                            "plots are drawn without text, since Java finds no font here (of fontconfig): {}",
                            e.toString());
                }
            }
        }

        private void write(String text, double x, double y, Anchor anchor, double size, Ink ink, boolean turned) {
            AffineTransform before = graphics.getTransform();
            try {
                graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12).deriveFont((float) size));
                graphics.setColor(new Color(ink.light()));
                FontMetrics metrics = graphics.getFontMetrics();
                double shift = switch (anchor) {
                    case START -> 0;
                    case MIDDLE -> metrics.stringWidth(text) / 2.0;
                    case END -> metrics.stringWidth(text);
                };
                graphics.translate(x, y);
                graphics.rotate(turned ? -Math.PI / 2 : 0);
                graphics.drawString(text, (float) -shift, (metrics.getAscent() - metrics.getDescent()) / 2f);
            } finally {
                graphics.setTransform(before);
            }
        }
    }
}
