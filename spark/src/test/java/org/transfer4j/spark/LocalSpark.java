package org.transfer4j.spark;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.apache.spark.sql.SparkSession;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;

/** Spark in this process, and images for its columns. */
final class LocalSpark {
    private LocalSpark() {}

    static SparkSession start() {
        return start("local[2]");
    }

    static SparkSession start(String master) {
        return SparkSession.builder()
                .master(master)
                .appName("tests")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
    }

    /** A picture of many colours. */
    static byte[] png(int seed) {
        BufferedImage image = new BufferedImage(20, 18, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < 20 * 18; i++) {
            image.setRGB(i % 20, i / 20, (i * 7919 + seed * 104729) & 0xFFFFFF);
        }
        return encoded(image);
    }

    /** A gray image of a dataset. */
    static byte[] png(ImageDataset data, int index) {
        try (INDArray pixels = data.image(index)) {
            int side = (int) pixels.size(pixels.rank() - 1);
            BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
            INDArray flat = pixels.reshape(pixels.length());
            for (int i = 0; i < side * side; i++) {
                image.getRaster().setSample(i % side, i / side, 0, flat.getInt(i));
            }
            return encoded(image);
        }
    }

    private static byte[] encoded(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
