package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.augment.Mixing;
import org.transfer4j.internal.augment.Mixing.Mixture;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.Views;

/**
 * What is read in batches: images of a dataset in an order, as they are, in several views, or each augmented by what its place in
 * that order draws. Safe for use by several threads.
 */
final class BatchContent {
    private final ImageDataset dataset;
    private final int[] images;
    private final BatchSettings settings;
    private final ImageConverter converter;
    private final Views views;
    private final Augmentation augmentation;
    private final Mixing mixing;

    /** By place; null where nothing is drawn. */
    private final @Nullable IntFunction<? extends RandomGenerator> random;

    private BatchContent(
            ImageDataset dataset,
            int[] images,
            BatchSettings settings,
            Views views,
            Augmentation augmentation,
            @Nullable IntFunction<? extends RandomGenerator> random) {
        this.dataset = dataset;
        this.images = images;
        this.settings = settings;
        requireAddressable(images.length, settings);
        this.converter = new ImageConverter(settings.height(), settings.width(), settings.preprocessing());
        this.views = views;
        this.augmentation = augmentation;
        this.mixing = new Mixing(augmentation.mixUpAlpha(), augmentation.cutMixAlpha());
        this.random = random;
    }

    /** Java addresses at most 2 GiB in one buffer. */
    private static void requireAddressable(int size, BatchSettings settings) {
        // as a double, which does not overflow
        double bytes = 3.0 * Float.BYTES * settings.height() * settings.width();
        int images = Math.min(settings.batchSize(), size);
        if (bytes * images > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a batch must fit in 2 GiB, but " + images + " images of "
                    + settings.height() + "x" + settings.width() + " do not");
        }
    }

    /** A dataset in its order, as it is. */
    static BatchContent plain(ImageDataset dataset, BatchSettings settings) {
        return viewed(dataset, Views.none(), settings);
    }

    /** All views of the first image, then those of the second, and so on. */
    static BatchContent viewed(ImageDataset dataset, Views views, BatchSettings settings) {
        int[] images = IntStream.range(0, Math.multiplyExact(dataset.size(), views.count()))
                .map(place -> place / views.count())
                .toArray();
        return new BatchContent(dataset, images, settings, views, Augmentation.none(), null);
    }

    /** Augmented images; the generators are those of the places. */
    static BatchContent augmented(
            ImageDataset dataset,
            int[] images,
            BatchSettings settings,
            Augmentation augmentation,
            IntFunction<? extends RandomGenerator> random) {
        if (images.length == 0) {
            throw new IllegalArgumentException("at least 1 image must be read, but no index was given");
        }
        Arrays.stream(images).forEach(dataset::classIndex);
        return new BatchContent(dataset, images.clone(), settings, Views.none(), augmentation, random);
    }

    int size() {
        return images.length;
    }

    BatchSettings settings() {
        return settings;
    }

    /** A batch of what was written for some places. */
    ImageBatch batch(INDArray features, int first, int count) {
        int[] classes = new int[count];
        int[] others = new int[count];
        double[] weights = new double[count];
        for (int i = 0; i < count; i++) {
            int image = images[first + i];
            Optional<Mixture> mixture = random == null ? Optional.empty() : mixture(random.apply(first + i));
            classes[i] = dataset.classIndex(image);
            others[i] = dataset.classIndex(mixture.map(Mixture::partner).orElse(image));
            weights[i] = mixture.map(Mixture::weight).orElse(1.0);
        }
        return new ImageBatch(features, classes, others, weights);
    }

    private Optional<Mixture> mixture(RandomGenerator draws) {
        return mixing.draw(draws, dataset.size(), settings.height(), settings.width());
    }

    ImageOrigin origin(int place) {
        return dataset.origin(images[place]);
    }

    /** Decodes and converts an image to the target's position. */
    void write(int place, FloatBuffer target) {
        int image = images[place];
        if (random == null) {
            try (DecodedImage decoded = dataset.decode(image)) {
                converter.convert(decoded, dataset.sourceOf(image), views, place % views.count(), target);
            }
            return;
        }
        RandomGenerator draws = random.apply(place);
        Optional<Mixture> mixture = mixture(draws);
        if (mixture.isEmpty()) {
            write(image, draws, target);
        } else {
            target.put(mixed(image, mixture.get(), draws));
        }
    }

    private float[] mixed(int image, Mixture mixture, RandomGenerator draws) {
        float[] own = new float[3 * settings.height() * settings.width()];
        float[] other = new float[own.length];
        write(image, draws, FloatBuffer.wrap(own));
        write(mixture.partner(), draws, FloatBuffer.wrap(other));
        mixture.apply(own, other, settings.width());
        return own;
    }

    private void write(int image, RandomGenerator draws, FloatBuffer target) {
        try (DecodedImage decoded = dataset.decode(image)) {
            converter.convert(
                    decoded,
                    dataset.sourceOf(image),
                    (pixels, height, width) -> augmentation.apply(pixels, height, width, draws),
                    target);
        }
    }
}
