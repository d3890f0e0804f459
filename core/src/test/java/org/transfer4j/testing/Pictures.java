package org.transfer4j.testing;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;

/** Coloured images that are the same in every run, in each form that the library takes. */
public final class Pictures {
    private static final int SIDE = 16;

    private Pictures() {}

    /**
     * Noise of a colour: even numbers are reddish, odd ones bluish.
     *
     * @param number which image
     * @return an RGB image, 16x16
     */
    public static BufferedImage image(int number) {
        Random random = new Random(number);
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int strong = 128 + random.nextInt(128);
                int weak = random.nextInt(128);
                int green = random.nextInt(256);
                int red = number % 2 == 0 ? strong : weak;
                int blue = number % 2 == 0 ? weak : strong;
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    /**
     * The same, encoded.
     *
     * @param number which image
     * @return the bytes of a PNG file
     */
    public static byte[] png(int number) {
        return png(image(number));
    }

    /**
     * An image, encoded.
     *
     * @param image any
     * @return the bytes of a PNG file
     */
    public static byte[] png(BufferedImage image) {
        try (ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The same as an array.
     *
     * @param number which image
     * @return [1, 3, 16, 16], RGB, 0..255
     */
    public static INDArray array(int number) {
        BufferedImage image = image(number);
        float[] values = new float[3 * SIDE * SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int rgb = image.getRGB(x, y);
                for (int channel = 0; channel < 3; channel++) {
                    values[(channel * SIDE + y) * SIDE + x] = rgb >> (16 - 8 * channel) & 0xFF;
                }
            }
        }
        return Nd4j.create(values, new long[] {1, 3, SIDE, SIDE}, 'c');
    }

    /**
     * Several images as one array.
     *
     * @param count how many, from number 0
     * @return [count, 3, 16, 16], RGB, 0..255
     */
    public static INDArray arrays(int count) {
        return Nd4j.concat(
                        0, IntStream.range(0, count).mapToObj(Pictures::array).toArray(INDArray[]::new))
                .castTo(DataType.FLOAT);
    }

    /**
     * Their labels.
     *
     * @param count how many, from number 0
     * @return "red" for even numbers, "blue" for odd ones
     */
    public static List<String> labels(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> number % 2 == 0 ? "red" : "blue")
                .toList();
    }

    /**
     * A dataset of encoded images.
     *
     * @param count how many, from number 0
     * @return the dataset, classes "blue" and "red"
     */
    public static ImageDataset dataset(int count) {
        List<String> labels = labels(count);
        return ImageDataset.encoded(IntStream.range(0, count)
                .mapToObj(number -> EncodedImage.of("picture " + number, labels.get(number), png(number)))
                .toList());
    }
}
