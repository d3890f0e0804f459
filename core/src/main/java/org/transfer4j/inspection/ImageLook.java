package org.transfer4j.inspection;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is to be seen of an image's pixels.
 *
 * @param channels 1 or 3
 * @param gray whether all channels are equal
 * @param lowest the least value
 * @param highest the largest value
 * @param mean of all values
 * @param small 16x16 means of the channels, from 0 at the darkest to 255 at the brightest, so that brightness and contrast
 *     play no part
 */
record ImageLook(
        int width, int height, int channels, boolean gray, float lowest, float highest, float mean, ByteBuffer small) {
    private static final int SIDE = 16;

    /** Of rounding, and of what JPEG makes of gray: of the range of 8 bits. */
    private static final double NEARLY_GRAY = 3;

    /** Of [1, 1 or 3, H, W]. */
    static ImageLook of(INDArray image) {
        int channels = (int) image.size(1);
        int height = (int) image.size(2);
        int width = (int) image.size(3);
        int area = width * height;
        FloatBuffer pixels = image.data().asNioFloat();
        double[] sums = new double[SIDE * SIDE];
        int[] counts = new int[SIDE * SIDE];
        float[] row = new float[width];
        float[] first = new float[width];
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        double sum = 0;
        boolean gray = true;
        for (int y = 0; y < height; y++) {
            for (int c = 0; c < channels; c++) {
                pixels.get(c * area + y * width, row);
                if (c == 0) {
                    System.arraycopy(row, 0, first, 0, width);
                }
                for (int x = 0; x < width; x++) {
                    lowest = Math.min(lowest, row[x]);
                    highest = Math.max(highest, row[x]);
                    sum += row[x];
                    gray &= Math.abs(row[x] - first[x]) <= NEARLY_GRAY;
                    int cell = (int) ((long) y * SIDE / height) * SIDE + (int) ((long) x * SIDE / width);
                    sums[cell] += row[x];
                    counts[cell]++;
                }
            }
        }
        return new ImageLook(
                width, height, channels, gray, lowest, highest, (float) (sum / area / channels), small(sums, counts));
    }

    /** A cell that no pixel falls into, of an image smaller than the grid, has the value of the one before. */
    private static ByteBuffer small(double[] sums, int[] counts) {
        double[] means = new double[sums.length];
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < sums.length; i++) {
            int before = i % SIDE > 0 ? i - 1 : i - SIDE;
            means[i] = counts[i] > 0 ? sums[i] / counts[i] : means[before];
            least = Math.min(least, means[i]);
            most = Math.max(most, means[i]);
        }
        byte[] small = new byte[sums.length];
        for (int i = 0; i < sums.length; i++) {
            small[i] = (byte) (most > least ? Math.round(255 * (means[i] - least) / (most - least)) : 0);
        }
        return ByteBuffer.wrap(small);
    }

    /** How far two are apart, as the mean distance of the small images, 0 to 1. */
    double distance(ImageLook other) {
        long sum = 0;
        for (int i = 0; i < SIDE * SIDE; i++) {
            sum += Math.abs((small.get(i) & 0xFF) - (other.small.get(i) & 0xFF));
        }
        return sum / 255.0 / (SIDE * SIDE);
    }
}
