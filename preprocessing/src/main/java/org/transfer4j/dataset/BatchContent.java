package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.augment.Mixing;
import org.transfer4j.internal.augment.Mixture;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.preprocessing.Augmentation;

/** What is read in batches: images in an order, and what becomes of each. Safe for use by several threads. */
interface BatchContent {
    int size();

    /** A batch of what was written for some positions. */
    ImageBatch batch(INDArray features, int first, int count);

    ImageOrigin origin(int position);

    /** Decodes and converts an image to the target's position. */
    void write(int position, ImageConverter converter, FloatBuffer target);

    /** A dataset in its order, as it is. */
    record Plain(ImageDataset dataset) implements BatchContent {
        @Override
        public int size() {
            return dataset.size();
        }

        @Override
        public ImageBatch batch(INDArray features, int first, int count) {
            int[] classes = IntStream.range(first, first + count)
                    .map(dataset::classIndex)
                    .toArray();
            double[] weights = new double[count];
            Arrays.fill(weights, 1);
            return new ImageBatch(features, classes, classes, weights);
        }

        @Override
        public ImageOrigin origin(int position) {
            return dataset.origin(position);
        }

        @Override
        public void write(int position, ImageConverter converter, FloatBuffer target) {
            try (DecodedImage decoded = dataset.decode(position)) {
                converter.convert(decoded, dataset.sourceOf(position), target);
            }
        }
    }

    /** Images of a dataset in an order of their own, each augmented by what its place in that order draws. */
    static final class Augmented implements BatchContent {
        private final ImageDataset dataset;
        private final int[] images;
        private final Augmentation augmentation;
        private final Mixing mixing;
        private final IntFunction<? extends RandomGenerator> random;
        private final BatchSettings settings;

        Augmented(
                ImageDataset dataset,
                int[] images,
                Augmentation augmentation,
                IntFunction<? extends RandomGenerator> random,
                BatchSettings settings) {
            this.dataset = dataset;
            this.images = images.clone();
            this.augmentation = augmentation;
            this.mixing = new Mixing(augmentation.mixUpAlpha(), augmentation.cutMixAlpha());
            this.random = random;
            this.settings = settings;
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
        public ImageBatch batch(INDArray features, int first, int count) {
            int[] classes = new int[count];
            int[] others = new int[count];
            double[] weights = new double[count];
            for (int i = 0; i < count; i++) {
                int position = first + i;
                Optional<Mixture> mixture = mixture(random.apply(position));
                classes[i] = dataset.classIndex(images[position]);
                others[i] = dataset.classIndex(mixture.map(Mixture::partner).orElse(images[position]));
                weights[i] = mixture.map(Mixture::weight).orElse(1.0);
            }
            return new ImageBatch(features, classes, others, weights);
        }

        private Optional<Mixture> mixture(RandomGenerator draws) {
            return mixing.draw(draws, dataset.size(), settings.height(), settings.width());
        }

        @Override
        public ImageOrigin origin(int position) {
            return dataset.origin(images[position]);
        }

        @Override
        public void write(int position, ImageConverter converter, FloatBuffer target) {
            RandomGenerator draws = random.apply(position);
            Optional<Mixture> mixture = mixture(draws);
            if (mixture.isEmpty()) {
                write(images[position], draws, converter, target);
            } else {
                target.put(mixed(images[position], mixture.get(), draws, converter));
            }
        }

        private float[] mixed(int image, Mixture mixture, RandomGenerator draws, ImageConverter converter) {
            float[] own = new float[3 * settings.height() * settings.width()];
            float[] other = new float[own.length];
            write(image, draws, converter, FloatBuffer.wrap(own));
            write(mixture.partner(), draws, converter, FloatBuffer.wrap(other));
            mixture.apply(own, other, settings.width());
            return own;
        }

        private void write(int image, RandomGenerator draws, ImageConverter converter, FloatBuffer target) {
            try (DecodedImage decoded = dataset.decode(image)) {
                converter.convert(decoded, dataset.sourceOf(image), augmentation, draws, target);
            }
        }
    }
}
