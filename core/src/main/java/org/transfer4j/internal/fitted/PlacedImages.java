package org.transfer4j.internal.fitted;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;

/**
 * Images that are computed together, each put into its place by whoever decoded it: for callers with a pipeline of their own.
 * Owns native memory.
 */
public final class PlacedImages implements AutoCloseable {
    /** The most, and how many are best computed at once: enough to fill the cores, few enough for 224x224 in little memory. */
    public static final int MOST = 32;

    private final INDArray images;
    private final ImageConverter converter;

    /** Room for images. */
    PlacedImages(int count, int height, int width, ImageConverter converter) {
        this.images = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', count, 3, height, width);
        this.converter = converter;
    }

    /**
     * Resizes and preprocesses an image; safe from several threads, each with its own place.
     *
     * @param image closed here
     * @param name what errors call it
     * @throws org.transfer4j.error.ImageException if it can't be used
     */
    public void put(int place, DecodedImage image, String name) {
        int size = Math.toIntExact(images.length() / images.size(0));
        try (image) {
            FloatBuffer pixels = images.data().asNioFloat().slice(place * size, size);
            converter.convert(image, name, pixels);
        }
    }

    /** Leaves a place black, where there is no image. */
    public void putNothing(int place) {
        images.tensorAlongDimension(place, 1, 2, 3).assign(0);
    }

    /** [count, 3, height, width], preprocessed. */
    INDArray array() {
        return images;
    }

    @Override
    public void close() {
        images.close();
    }
}
