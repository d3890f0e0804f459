package org.transfer4j.internal.chart;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.util.function.IntFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.TransferException;

/** Small copies of a dataset's images, read when they are asked for. */
public record Thumbnails(ImageDataset data) implements IntFunction<byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(Thumbnails.class);
    private static final int SIDE = 96;

    /** The bytes of a PNG file, none where the image can't be read any more. */
    @Override
    public byte[] apply(int index) {
        return of(this::picture, data::sourceOf).apply(index);
    }

    /**
     * The same of pictures that somebody else makes.
     *
     * @param names what the log calls an image that can't be read any more
     */
    public static IntFunction<byte[]> of(IntFunction<BufferedImage> pictures, IntFunction<String> names) {
        return index -> {
            try {
                BufferedImage picture = pictures.apply(index);
                return picture == null ? new byte[0] : Png.of(scaled(picture));
            } catch (TransferException | UncheckedIOException e) {
                LOG.warn("a report shows no picture of {}: {}", names.apply(index), e.getMessage());
                return new byte[0];
            }
        };
    }

    /** An image of the dataset; of an array's own values what is in 0..255. */
    private BufferedImage picture(int index) {
        try (INDArray pixels = data.image(index)) {
            int channels = (int) pixels.size(1);
            int height = (int) pixels.size(2);
            int width = (int) pixels.size(3);
            float[] values = pixels.data().asFloat();
            BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < width * height; i++) {
                int colour = 0;
                for (int c = 0; c < 3; c++) {
                    float value = values[Math.min(c, channels - 1) * width * height + i];
                    colour = colour << 8 | Math.round(Math.min(Math.max(value, 0), 255));
                }
                image.setRGB(i % width, i / width, colour);
            }
            return image;
        }
    }

    /** No larger than the side; small ones as they are. */
    private static BufferedImage scaled(BufferedImage image) {
        double scale = (double) SIDE / Math.max(image.getWidth(), image.getHeight());
        if (scale >= 1) {
            return image;
        }
        int width = Math.max(1, (int) (image.getWidth() * scale));
        int height = Math.max(1, (int) (image.getHeight() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return small;
    }
}
