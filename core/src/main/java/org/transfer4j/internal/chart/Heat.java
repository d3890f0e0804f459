package org.transfer4j.internal.chart;

import java.awt.image.BufferedImage;

/**
 * How much there is of something at each position of an image, coarsely.
 *
 * @param values from 0 to 1, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // changed by nobody
public record Heat(int height, int width, float[] values) {
    /** What remains of the image where there is most. */
    private static final double OPACITY = 0.85;

    /**
     * The same over more pixels, between neighbours in proportion, with the middles of the corner positions as far inside as
     * they are: as PyTorch's {@code interpolate(mode="bilinear", align_corners=False)} and OpenCV's {@code INTER_LINEAR}.
     *
     * @return row by row
     */
    public float[] resized(int toHeight, int toWidth) {
        float[] resized = new float[Math.multiplyExact(toHeight, toWidth)];
        for (int y = 0; y < toHeight; y++) {
            System.arraycopy(row(y, toHeight, toWidth), 0, resized, y * toWidth, toWidth);
        }
        return resized;
    }

    private float[] row(int y, int toHeight, int toWidth) {
        double place = place(y, toHeight, height);
        int first = (int) place;
        int above = first * width;
        int below = Math.min(first + 1, height - 1) * width;
        float down = (float) (place - first);
        float[] row = new float[toWidth];
        for (int x = 0; x < toWidth; x++) {
            double column = place(x, toWidth, width);
            int left = (int) column;
            int right = Math.min(left + 1, width - 1);
            float across = (float) (column - left);
            float upper = values[above + left] + across * (values[above + right] - values[above + left]);
            float lower = values[below + left] + across * (values[below + right] - values[below + left]);
            row[x] = upper + down * (lower - upper);
        }
        return row;
    }

    private static double place(int pixel, int to, int from) {
        return Math.max(0, Math.min(from - 1.0, (pixel + 0.5) * from / to - 0.5));
    }

    /**
     * The heat over an image that has become gray: the hue tells the heat, the lightness is the image's as far as it can be,
     * so that both are seen, also by those who see few colours.
     *
     * @param image of any size
     * @return a new one of the same size
     */
    public BufferedImage over(BufferedImage image) {
        int ink = Chart.Ink.SECOND.light();
        BufferedImage overlay = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        int[] pixels = new int[image.getWidth()];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, pixels.length, 1, pixels, 0, pixels.length);
            float[] row = row(y, image.getHeight(), image.getWidth());
            for (int x = 0; x < pixels.length; x++) {
                double gray =
                        0.299 * (pixels[x] >> 16 & 0xFF) + 0.587 * (pixels[x] >> 8 & 0xFF) + 0.114 * (pixels[x] & 0xFF);
                int mixed = 0;
                for (int shift = 16; shift >= 0; shift -= 8) {
                    double part = OPACITY * row[x];
                    mixed |= (int) Math.round((1 - part) * gray + part * (ink >> shift & 0xFF)) << shift;
                }
                pixels[x] = mixed;
            }
            overlay.setRGB(0, y, pixels.length, 1, pixels, 0, pixels.length);
        }
        return overlay;
    }
}
