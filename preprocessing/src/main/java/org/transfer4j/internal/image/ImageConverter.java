package org.transfer4j.internal.image;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Stub, to be replaced at the merge: nearest neighbour, gray to RGB, and unit() alone. */
public final class ImageConverter {
    private final int height;
    private final int width;
    private final float scale;

    /**
     * Creates a converter.
     *
     * @param height rows of the result
     * @param width columns of the result
     * @param preprocessing what is done to the values
     */
    public ImageConverter(int height, int width, ImagePreprocessing preprocessing) {
        this.height = height;
        this.width = width;
        this.scale = preprocessing.equals(ImagePreprocessing.unit()) ? 1 / 255f : 1;
    }

    /**
     * Resizes, makes gray RGB, preprocesses.
     *
     * @param image decoded pixels
     * @param target takes 3 x height x width floats
     */
    public void convert(DecodedImage image, FloatBuffer target) {
        INDArray pixels = ArrayImages.toArray(image);
        long channels = pixels.size(1);
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    target.put(scale
                            * pixels.getFloat(
                                    0, channels == 1 ? 0 : c, y * pixels.size(2) / height, x * pixels.size(3) / width));
                }
            }
        }
    }
}
