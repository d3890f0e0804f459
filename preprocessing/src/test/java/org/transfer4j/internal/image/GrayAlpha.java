package org.transfer4j.internal.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;

/** Images of gray and alpha, for which BufferedImage has no type of its own. */
final class GrayAlpha {
    private GrayAlpha() {}

    /** One row, from gray, alpha, gray, alpha. */
    static BufferedImage image(int[] samples) {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                true,
                false,
                Transparency.TRANSLUCENT,
                DataBuffer.TYPE_BYTE);
        WritableRaster raster = model.createCompatibleWritableRaster(samples.length / 2, 1);
        raster.setPixels(0, 0, samples.length / 2, 1, samples);
        return new BufferedImage(model, raster, false, null);
    }
}
