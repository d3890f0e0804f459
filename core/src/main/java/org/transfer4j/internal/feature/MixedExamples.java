package org.transfer4j.internal.feature;

import java.util.Optional;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.augment.Mixture;

/**
 * Examples of images into which others of the same dataset were mixed: tells the classes of both. They follow from the
 * same draws as the pixels, so that they need not be kept with features.
 *
 * @param examples of the mixed images
 * @param height of the network's input
 * @param width of the network's input
 * @param rounds after how many epochs the same mixtures come again
 */
public record MixedExamples(
        Examples examples,
        ImageDataset dataset,
        SeededAugmentation augmentation,
        int height,
        int width,
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
                examples.inEpoch(number), dataset, augmentation, height, width, rounds, (number - 1) % rounds + 1);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return new Stream(examples.batches(order, batchSize), order.clone());
    }

    @Override
    public void close() {
        examples.close();
    }

    private final class Stream implements BatchStream {
        private final BatchStream batches;
        private final int[] order;
        private int done;

        Stream(BatchStream batches, int[] order) {
            this.batches = batches;
            this.order = order;
        }

        @Override
        public boolean hasNext() {
            return batches.hasNext();
        }

        @Override
        public Batch next() {
            Batch batch = batches.next();
            int[] others = batch.classIndices().clone();
            double[] weights = new double[others.length];
            for (int i = 0; i < others.length; i++, done++) {
                Optional<Mixture> mixture = augmentation.mixture(order[done], epoch, dataset.size(), height, width);
                others[i] =
                        mixture.map(Mixture::partner).map(dataset::classIndex).orElse(others[i]);
                weights[i] = mixture.map(Mixture::weight).orElse(1.0);
            }
            return batch.mixedWith(new MixedClasses(others, weights));
        }

        @Override
        public void close() {
            batches.close();
        }
    }
}
