package org.transfer4j.internal.feature;

import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * Examples of images into which others of the same dataset were mixed, with the targets of both. They follow from the
 * same draws as the pixels, so that they need not be kept with features.
 *
 * @param examples of the mixed images
 * @param rounds after how many epochs the same mixtures come again
 */
public record MixedExamples(
        Examples examples,
        DatasetSource source,
        SeededAugmentation augmentation,
        NetworkInput input,
        int rounds,
        int epoch)
        implements Examples {
    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public Examples inEpoch(int number) {
        return new MixedExamples(
                examples.inEpoch(number), source, augmentation, input, rounds, (number - 1) % rounds + 1);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        PrimitiveIterator.OfInt images = IntStream.of(order.clone()).iterator();
        return examples.batches(order, batchSize)
                .map(batch -> batch.withTargets(batch.targets().stream()
                        .map(own -> mixed(own, images.nextInt()))
                        .toList()));
    }

    private Target mixed(Target own, int image) {
        return augmentation
                .mixture(image, epoch, source.dataset().size(), input)
                .map(mixture -> Target.mixed(own, source.target(mixture.partner()), mixture.weight()))
                .orElse(own);
    }

    @Override
    public void close() {
        examples.close();
    }
}
