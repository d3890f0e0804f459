package org.transfer4j.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Charts side by side in a PNG file. */
final class ChartFile {
    private static final Logger LOG = LoggerFactory.getLogger(ChartFile.class);

    private static final AtomicBoolean TOLD = new AtomicBoolean();

    /** Around lines that are drawn without text, in pixels. */
    private static final int MARGIN = 20;

    private ChartFile() {}

    /** Draws first and writes then: where drawing fails, an older file stays as it is. */
    static void write(List<XYChart> charts, Path file) {
        SideFile.write(file, "the plot", picture(charts));
    }

    /** Java writes no text where no font is installed, as in slim containers; lines say something without it. */
    private static byte[] picture(List<XYChart> charts) {
        try {
            return drawn(charts);
        } catch (InternalError | LinkageError | RuntimeException e) {
            LOG.debug("no text can be drawn", e);
            byte[] picture = linesAlone(charts);
            if (!TOLD.getAndSet(true)) {
                LOG.warn(
                        "plots are drawn without text, since Java finds no font here (of fontconfig): {}",
                        e.toString());
            }
            return picture;
        }
    }

    private static byte[] drawn(List<XYChart> charts) {
        ByteArrayOutputStream picture = new ByteArrayOutputStream();
        try {
            BitmapEncoder.saveBitmap(charts, 1, charts.size(), picture, BitmapEncoder.BitmapFormat.PNG);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture in memory can't be written: " + e.getMessage(), e);
        }
        return picture.toByteArray();
    }

    /** By ourselves: XChart measures the text of its axes even where they are not shown. */
    private static byte[] linesAlone(List<XYChart> charts) {
        int width = charts.stream().mapToInt(XYChart::getWidth).sum();
        int height = charts.stream().mapToInt(XYChart::getHeight).max().orElse(1);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            for (XYChart chart : charts) {
                drawLines(graphics, chart);
                graphics.translate(chart.getWidth(), 0);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a picture in memory can't be written: " + e.getMessage(), e);
        } finally {
            graphics.dispose();
        }
    }

    private static void drawLines(Graphics2D graphics, XYChart chart) {
        boolean logarithmic = Boolean.TRUE.equals(chart.getStyler().isXAxisLogarithmic());
        Collection<XYSeries> lines = chart.getSeriesCollection();
        DoubleSummaryStatistics across = finite(lines.stream().map(XYSeries::getXData));
        DoubleSummaryStatistics up = finite(lines.stream().map(XYSeries::getYData));
        graphics.setColor(Color.LIGHT_GRAY);
        graphics.drawRect(MARGIN, MARGIN, chart.getWidth() - 2 * MARGIN, chart.getHeight() - 2 * MARGIN);
        graphics.setStroke(new BasicStroke(2));
        for (XYSeries line : lines) {
            graphics.setColor(line.getLineColor() == null ? Color.BLACK : line.getLineColor());
            double[] x = line.getXData();
            double[] y = line.getYData();
            for (int i = 1; i < x.length; i++) {
                if (Double.isFinite(y[i - 1]) && Double.isFinite(y[i])) {
                    graphics.draw(new Line2D.Double(
                            MARGIN + part(x[i - 1], across, logarithmic) * (chart.getWidth() - 2 * MARGIN),
                            MARGIN + (1 - part(y[i - 1], up, false)) * (chart.getHeight() - 2 * MARGIN),
                            MARGIN + part(x[i], across, logarithmic) * (chart.getWidth() - 2 * MARGIN),
                            MARGIN + (1 - part(y[i], up, false)) * (chart.getHeight() - 2 * MARGIN)));
                }
            }
        }
    }

    private static DoubleSummaryStatistics finite(Stream<double[]> values) {
        return values.flatMapToDouble(Arrays::stream).filter(Double::isFinite).summaryStatistics();
    }

    /** Where a value lies between the least and the largest, from 0 to 1. */
    private static double part(double value, DoubleSummaryStatistics range, boolean logarithmic) {
        double least = logarithmic ? Math.log(range.getMin()) : range.getMin();
        double largest = logarithmic ? Math.log(range.getMax()) : range.getMax();
        double place = logarithmic ? Math.log(value) : value;
        return largest > least ? (place - least) / (largest - least) : 0.5;
    }
}
