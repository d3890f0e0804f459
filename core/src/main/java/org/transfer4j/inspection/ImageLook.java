package org.transfer4j.inspection;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
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

    /** Of sums. */
    private static final double ROUNDING = 1e-6;

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
        double[] ofRow = new double[SIDE];
        Overlap across = Overlap.of(width);
        Overlap down = Overlap.of(height);
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
                    across.add(x, row[x], ofRow, 0, 1);
                }
                for (int cell = 0; cell < SIDE; cell++) {
                    down.add(y, ofRow[cell], sums, cell, SIDE);
                    ofRow[cell] = 0;
                }
            }
        }
        return new ImageLook(
                width, height, channels, gray, lowest, highest, (float) (sum / area / channels), small(sums));
    }

    /**
     * Which of the cells in a row a pixel lies in, and with which part of it: so that the small image of an image is the same at
     * all its sizes.
     *
     * @param first by pixel
     * @param parts by pixel, in the first cell and those after it
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Overlap(int[] first, double[][] parts) {
        static Overlap of(int pixels) {
            int[] first = new int[pixels];
            double[][] parts = new double[pixels][];
            for (int i = 0; i < pixels; i++) {
                double begin = (double) i * SIDE / pixels;
                double end = (double) (i + 1) * SIDE / pixels;
                first[i] = (int) begin;
                parts[i] = new double[Math.min(SIDE, (int) Math.ceil(end)) - first[i]];
                for (int j = 0; j < parts[i].length; j++) {
                    int cell = first[i] + j;
                    parts[i][j] = Math.min(end, cell + 1.0) - Math.max(begin, cell);
                }
            }
            return new Overlap(first, parts);
        }

        /** Adds a pixel to cells, of which every so many are in its row. */
        void add(int pixel, double value, double[] cells, int from, int step) {
            double[] own = parts[pixel];
            for (int j = 0; j < own.length; j++) {
                cells[from + step * (first[pixel] + j)] += own[j] * value;
            }
        }
    }

    private static ByteBuffer small(double[] sums) {
        double least = Arrays.stream(sums).min().orElseThrow();
        double most = Arrays.stream(sums).max().orElseThrow();
        boolean varied = most - least > ROUNDING * Math.max(Math.abs(most), Math.abs(least));
        byte[] small = new byte[sums.length];
        for (int i = 0; i < sums.length; i++) {
            small[i] = (byte) (varied ? Math.round(255 * (sums[i] - least) / (most - least)) : 0);
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
