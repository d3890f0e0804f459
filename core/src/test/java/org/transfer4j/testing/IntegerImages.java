package org.transfer4j.testing;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Test images from integers alone, the same as {@code integer_images.py} makes for Keras; the formula is there. */
public final class IntegerImages {
    private static final int CHANNELS = 3;
    private static final long NOISE = HashWeights.fnv1a64("image");

    private IntegerImages() {}

    /**
     * The first images of a size.
     *
     * @param count how many
     * @param height pixels
     * @param width pixels
     * @return [count, 3, height, width], RGB, unsigned bytes
     */
    public static INDArray rgb(int count, int height, int width) {
        int[] values = new int[count * CHANNELS * height * width];
        int next = 0;
        for (int n = 0; n < count; n++) {
            for (int c = 0; c < CHANNELS; c++) {
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        values[next++] = pixel(n, y, x, c, height, width);
                    }
                }
            }
        }
        return Nd4j.createFromArray(values).castTo(DataType.UINT8).reshape(count, CHANNELS, height, width);
    }

    /** One value of image n. */
    static int pixel(int n, int y, int x, int c, int height, int width) {
        long ramp = ((long) x * (3 + c) + (long) y * (5 + 2 * c) + n * 37L) ^ (((long) x * y) >> 4);
        long index = (((long) n * height + y) * width + x) * CHANNELS + c;
        long noise = HashWeights.hash(NOISE, index) >>> 60;
        return (int) ((ramp + noise) & 255);
    }
}
