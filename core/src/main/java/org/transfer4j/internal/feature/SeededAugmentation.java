package org.transfer4j.internal.feature;

import java.util.Optional;
import java.util.random.RandomGenerator;
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

    /** What an image is mixed with in an epoch: the first of its draws. */
    public Optional<Mixture> mixture(int image, int epoch, int images, NetworkInput input) {
        return mixing().draw(random(image, epoch), images, input.height(), input.width());
    }

    private Mixing mixing() {
        return new Mixing(augmentation.mixUpAlpha(), augmentation.cutMixAlpha());
    }
}
