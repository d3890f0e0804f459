package org.transfer4j.internal.chart;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as files of the format PNG. */
public final class Png {
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
}
