package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.preprocessing.Augmentation;

/** Images of a dataset in an order of their own, each augmented by what its place in that order draws. */
final class AugmentedContent implements BatchContent {
    private final ImageDataset dataset;
    private final int[] images;
    private final Augmentation augmentation;
    private final IntFunction<? extends RandomGenerator> random;

    AugmentedContent(
            ImageDataset dataset,
            int[] images,
            Augmentation augmentation,
            IntFunction<? extends RandomGenerator> random) {
        this.dataset = dataset;
        this.images = images.clone();
        this.augmentation = augmentation;
        this.random = random;
        if (images.length == 0) {
            throw new IllegalArgumentException("at least 1 image must be read, but no index was given");
        }
        Arrays.stream(images).forEach(dataset::classIndex);
    }

    @Override
    public int size() {
        return images.length;
    }

    @Override
    public int classIndex(int position) {
        return dataset.classIndex(images[position]);
    }

    @Override
    public ImageOrigin origin(int position) {
        return dataset.origin(images[position]);
    }

    @Override
    public void write(int position, ImageConverter converter, FloatBuffer target) {
        int image = images[position];
        try (DecodedImage decoded = dataset.decode(image)) {
            converter.convert(decoded, dataset.sourceOf(image), augmentation, random.apply(position), target);
        }
    }
}
