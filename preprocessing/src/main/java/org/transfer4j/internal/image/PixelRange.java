package org.transfer4j.internal.image;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What values the pixels of an array may have. */
public final class PixelRange {
    private PixelRange() {}

    /**
     * Checks that every pixel is a number.
     *
     * @param pixels [C, H, W]
     * @param origin its name in errors
     * @throws org.transfer4j.error.ImageException if a pixel is NaN or infinite; it says which and where
     */
    public static void requireFinite(INDArray pixels, ImageOrigin origin) {
        float[] values = values(pixels);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw origin.refused("pixels must be finite numbers, but " + at(pixels, i) + " is " + values[i]);
            }
        }
    }

    /**
     * Checks that the pixels are still 0..255, for every preprocessing that scales them: fractions that all lie within
     * 0..1 have been divided by 255 already, and once more would turn every image black.
     *
     * @param image decoded pixels; eight-bit ones are always right
     * @param origin its name in errors
     * @throws org.transfer4j.error.ImageException if they are scaled already, or outside 0..255
     */
    public static void requireUnscaled(DecodedImage image, ImageOrigin origin) {
        if (image instanceof DecodedImage.Floats floats) {
            requireUnscaled(floats.pixels(), origin);
        }
    }

    private static void requireUnscaled(INDArray pixels, ImageOrigin origin) {
        boolean fractional = false;
        boolean within1 = true;
        float[] values = values(pixels);
        for (int i = 0; i < values.length; i++) {
            float value = values[i];
            if (!(value >= 0 && value <= 255)) {
                throw origin.refused("pixels must be within 0..255, but " + at(pixels, i) + " is " + value
                        + "; for values that need no scaling use ImagePreprocessing.none()");
            }
            fractional |= value != (int) value;
            within1 &= value <= 1;
        }
        if (fractional && within1) {
            throw origin.refused("pixels must be within 0..255, but these are fractions within 0..1, scaled already:"
                    + " multiply them by 255, or use ImagePreprocessing.none()");
        }
    }

    private static float[] values(INDArray pixels) {
        INDArray compact = pixels.dup('c');
        try {
            return compact.data().asFloat();
        } finally {
            compact.close();
        }
    }

    private static String at(INDArray pixels, int index) {
        long height = pixels.size(1);
        long width = pixels.size(2);
        return "the pixel at channel " + index / (height * width) + ", row " + index / width % height + ", column "
                + index % width;
    }
}
