package org.transfer4j.internal.engine.reference;

import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Window;

/** One pixel of a window: which positions see a pixel of the image there, and which one. */
final class Tap {
    private final int imageWidth;
    private final int positionsWidth;
    private final Extent stride;
    private final int top;
    private final int left;
    private final int firstRow;
    private final int endRow;
    private final int firstColumn;
    private final int endColumn;

    Tap(Window window, Extent image, Extent positions, int row, int column) {
        imageWidth = image.width();
        positionsWidth = positions.width();
        stride = window.stride();
        top = row * window.dilation().height() - window.before().height();
        left = column * window.dilation().width() - window.before().width();
        firstRow = first(top, stride.height());
        endRow = end(top, stride.height(), image.height(), positions.height());
        firstColumn = first(left, stride.width());
        endColumn = end(left, stride.width(), image.width(), positions.width());
    }

    /** The first position whose pixel, {@code position * stride + offset}, is not before the image. */
    private static int first(int offset, int stride) {
        return offset >= 0 ? 0 : (-offset + stride - 1) / stride;
    }

    /** The first one whose pixel is behind it. */
    private static int end(int offset, int stride, int size, int positions) {
        return Math.min(positions, Math.floorDiv(size - 1 - offset, stride) + 1);
    }

    /** Adds the pixels that are seen, times a weight, to the results. */
    void add(float weight, float[] image, int from, float[] results, int to) {
        for (int y = firstRow; y < endRow; y++) {
            int pixel = from + (y * stride.height() + top) * imageWidth + left;
            int position = to + y * positionsWidth;
            if (stride.width() == 1) {
                // apart, since such a loop is compiled to vector instructions
                for (int x = firstColumn; x < endColumn; x++) {
                    results[position + x] += weight * image[pixel + x];
                }
            } else {
                for (int x = firstColumn; x < endColumn; x++) {
                    results[position + x] += weight * image[pixel + x * stride.width()];
                }
            }
        }
    }

    /** Takes the larger one of each result and the pixel that is seen. */
    void maximum(float[] image, int from, float[] results, int to) {
        for (int y = firstRow; y < endRow; y++) {
            int pixel = from + (y * stride.height() + top) * imageWidth + left;
            int position = to + y * positionsWidth;
            for (int x = firstColumn; x < endColumn; x++) {
                results[position + x] = Math.max(results[position + x], image[pixel + x * stride.width()]);
            }
        }
    }

    /** The way back of {@link #add}: adds a weight times the results' gradients to those of the pixels that are seen. */
    void addBack(float weight, float[] gradients, int from, float[] image, int to) {
        for (int y = firstRow; y < endRow; y++) {
            int pixel = to + (y * stride.height() + top) * imageWidth + left;
            int position = from + y * positionsWidth;
            if (stride.width() == 1) {
                for (int x = firstColumn; x < endColumn; x++) {
                    image[pixel + x] += weight * gradients[position + x];
                }
            } else {
                for (int x = firstColumn; x < endColumn; x++) {
                    image[pixel + x * stride.width()] += weight * gradients[position + x];
                }
            }
        }
    }

    /**
     * The way back of {@link #maximum}: a result's gradient goes to the pixel that is seen, if that is the largest one, and
     * is then 0 for those that are seen later.
     */
    void giveBack(float[] image, float[] results, float[] gradients, int from, float[] imageGradients, int to) {
        for (int y = firstRow; y < endRow; y++) {
            int pixel = to + (y * stride.height() + top) * imageWidth + left;
            int position = from + y * positionsWidth;
            for (int x = firstColumn; x < endColumn; x++) {
                if (image[pixel + x * stride.width()] == results[position + x]) {
                    imageGradients[pixel + x * stride.width()] += gradients[position + x];
                    gradients[position + x] = 0;
                }
            }
        }
    }

    /** Counts the pixels that are seen. */
    void count(float[] counts) {
        for (int y = firstRow; y < endRow; y++) {
            for (int x = firstColumn; x < endColumn; x++) {
                counts[y * positionsWidth + x]++;
            }
        }
    }
}
