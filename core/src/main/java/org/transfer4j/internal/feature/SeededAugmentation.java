package org.transfer4j.internal.feature;

import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.augment.Mixing;
import org.transfer4j.internal.augment.Mixing.Mixture;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.preprocessing.Augmentation;

/**
 * What augmentation does to each image in each epoch: it follows from the seed, the number of the image in the training
 * data and the epoch, and from nothing else.
 */
public record SeededAugmentation(Augmentation augmentation, long seed) {
    private static final int PURPOSE = "augmentation".hashCode();

    /** Where all draws for one image in one epoch come from; epochs count from 1. */
    RandomGenerator random(int image, int epoch) {
        return RandomStreams.of(seed, PURPOSE, epoch, image);
    }

    /** Whether images are mixed with others. */
    public boolean mixes() {
        return !mixing().isNone();
    }

    /**
     * Examples of mixed images with the targets of both. They follow from the same draws as the pixels, so that they need not be
     * kept with features.
     *
     * @param rounds after how many epochs the same mixtures come again
     */
    public Examples mixed(Examples examples, DatasetSource source, NetworkInput input, int rounds) {
        return examples.read((own, epoch, order, batchSize) -> {
            PrimitiveIterator.OfInt images = IntStream.of(order.clone()).iterator();
            int round = (epoch - 1) % rounds + 1;
            return own.batches(order, batchSize)
                    .map(batch -> batch.withTargets(batch.targets().stream()
                            .map(target -> mixed(target, images.nextInt(), round, source, input))
                            .toList()));
        });
    }

    private Target mixed(Target own, int image, int epoch, DatasetSource source, NetworkInput input) {
        return mixture(image, epoch, source.dataset().size(), input)
                .map(mixture -> Target.mixed(own, source.target(mixture.partner()), mixture.weight()))
                .orElse(own);
    }

    /** What an image is mixed with in an epoch: the first of its draws. */
    public Optional<Mixture> mixture(int image, int epoch, int images, NetworkInput input) {
        return mixing().draw(random(image, epoch), images, input.height(), input.width());
    }

    private Mixing mixing() {
        return new Mixing(augmentation.mixUpAlpha(), augmentation.cutMixAlpha());
    }

    /**
     * How many rows of features each image of a pass becomes: all of the first image, then those of the second, and so on.
     *
     * @param augmentation by which they differ: the first row is the image as it is in the first epoch, and so on; null where an
     *     image has one row, as it is
     * @param count how many an image has
     */
    public record Variants(@Nullable SeededAugmentation augmentation, int count) {
        /** Images as they are. */
        public static final Variants NONE = new Variants(null, 1);

        /** The image of a row. */
        public int image(int row) {
            return row / count;
        }

        /** The epoch, from 1, in which the image is as in a row. */
        public int epoch(int row) {
            return row % count + 1;
        }

        /** The images that have these rows, each as it is in the epoch whose turn it is: the first variant in the first, and so on. */
        public Examples inTurn(Examples rows) {
            Examples.Reading reading = (kept, epoch, order, batchSize) -> {
                int variant = (epoch - 1) % count;
                return kept.batches(
                        IntStream.of(order)
                                .map(image -> image * count + variant)
                                .toArray(),
                        batchSize);
            };
            return new Examples.View(rows, rows.size() / count, 1, reading);
        }
    }
}
