package org.transfer4j;

import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.chart.Png;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.fitted.Explaining;

/**
 * Where in an image a classifier finds what speaks for a class: coarse, since the network knows places only as well as the
 * feature map that was looked at, and no proof of a reason. Immutable; holds no native memory.
 *
 * @see Explainer
 */
public final class Explanation {
    private final Explaining.Found found;

    Explanation(Explaining.Found found) {
        this.found = found;
    }

    /**
     * The class that is explained.
     *
     * @return its label
     */
    public String label() {
        return found.label();
    }

    /**
     * The class that is explained.
     *
     * @return its index in the classifier's class table, from 0
     */
    public int classIndex() {
        return found.classIndex();
    }

    /**
     * The probability of that class, as the classifier predicts it of the whole image.
     *
     * @return 0 to 1
     */
    public double probability() {
        return found.probability();
    }

    /**
     * The layer whose feature map was looked at.
     *
     * @return its name
     */
    public String layer() {
        return found.layer();
    }

    /**
     * How much there is at each position of the feature map.
     *
     * @return a new array [h, w] of the map's size, float, 0..1: 1 where most speaks for the class, 0 where nothing does; 0
     *     everywhere if nothing in the image does
     */
    public INDArray map() {
        return Nd4j.createFromArray(found.heat().values())
                .reshape('c', found.heat().height(), found.heat().width());
    }

    /**
     * The same for each pixel of the image, between the positions of the map in proportion: as PyTorch's {@code
     * interpolate(mode="bilinear", align_corners=False)} makes it of {@link #map()}.
     *
     * @return a new array [H, W] of the image's size as it was before preprocessing, upright, float, 0..1
     */
    public INDArray heat() {
        int height = found.image().getHeight();
        int width = found.image().getWidth();
        return Nd4j.createFromArray(found.heat().resized(height, width)).reshape('c', height, width);
    }

    /**
     * The image in gray, and over it in orange what speaks for the class: the more, the more opaque.
     *
     * @return a new image of the image's size
     */
    public BufferedImage overlay() {
        return found.heat().over(found.image());
    }

    /**
     * Writes {@link #overlay()} as a PNG.
     *
     * @param png the file, replaced whole or not at all; its folder must exist
     * @throws UncheckedIOException if it can't be written
     */
    public void plot(Path png) {
        ReplacedFile.writeBytes(png, "picture", () -> Png.of(overlay()));
    }

    /**
     * All but the picture on one line.
     *
     * @return for example {@code Grad-CAM of cat (0.9731) at block5_conv3, 14x14}
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s of %s (%.4f) at %s, %dx%d",
                found.method(),
                found.label(),
                found.probability(),
                found.layer(),
                found.heat().height(),
                found.heat().width());
    }
}
