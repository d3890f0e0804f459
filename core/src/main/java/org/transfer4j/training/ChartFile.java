package org.transfer4j.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;

/** Charts side by side in a PNG file. */
final class ChartFile {
    private ChartFile() {}

    /** Draws first and writes then: where drawing fails, an older file stays as it is. */
    static void write(List<XYChart> charts, Path file) {
        ByteArrayOutputStream picture = new ByteArrayOutputStream();
        try {
            BitmapEncoder.saveBitmap(charts, 1, charts.size(), picture, BitmapEncoder.BitmapFormat.PNG);
            Files.write(file, picture.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException("can't write the plot " + file, e);
        }
    }
}
