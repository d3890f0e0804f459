package org.transfer4j.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Charts side by side in a PNG file. */
final class ChartFile {
    private static final Logger LOG = LoggerFactory.getLogger(ChartFile.class);

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
            charts.forEach(ChartFile::removeText);
            byte[] picture = drawn(charts);
            LOG.warn("plots are drawn without text, since Java finds no font here (of fontconfig): {}", e.toString());
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

    private static void removeText(XYChart chart) {
        chart.getStyler().setChartTitleVisible(false).setLegendVisible(false);
        chart.getStyler().setAxisTitlesVisible(false);
        chart.getStyler().setAxisTicksVisible(false);
    }
}
