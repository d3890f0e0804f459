package org.transfer4j.internal.augment;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Random erasing of Zhong et al. (2017), with their ranges and noise.
 *
 * @param probability that an image loses a rectangle
 */
public record RandomErasing(double probability) {
    /** Nothing is erased. */
    public static final RandomErasing NONE = new RandomErasing(0);

    private static final double SMALLEST_AREA = 0.02;
    private static final double LARGEST_AREA = 0.4;
    private static final double SMALLEST_ASPECT = 0.3;
    private static final int ATTEMPTS = 100;

    /** Whether nothing is erased. */
    public boolean isNone() {
        return probability == 0;
    }

    /** Perhaps puts noise over a rectangle of 8-bit pixels, gray or BGR. */
    void apply(Mat pixels, RandomGenerator random) {
        if (random.nextDouble() < probability) {
            rectangle(pixels.rows(), pixels.cols(), random).ifPresent(part -> fill(pixels, part, random));
        }
    }

    /** Draws until a rectangle fits, as the paper does; few pixels may leave room for none. */
    static Optional<Rectangle> rectangle(int rows, int columns, RandomGenerator random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double area = random.nextDouble(SMALLEST_AREA, LARGEST_AREA) * rows * columns;
            double aspect = random.nextDouble(SMALLEST_ASPECT, 1 / SMALLEST_ASPECT);
            int height = Math.max(1, (int) Math.rint(Math.sqrt(area * aspect)));
            int width = Math.max(1, (int) Math.rint(Math.sqrt(area / aspect)));
            int top = random.nextInt(rows);
            int left = random.nextInt(columns);
            if (top + height <= rows && left + width <= columns) {
                return Optional.of(new Rectangle(top, left, height, width));
            }
        }
        return Optional.empty();
    }

    private static void fill(Mat pixels, Rectangle part, RandomGenerator random) {
        byte[] noise = new byte[part.width() * pixels.channels()];
        for (int row = part.top(); row < part.top() + part.height(); row++) {
            random.nextBytes(noise);
            pixels.ptr(row, part.left()).put(noise);
        }
    }
}
