package org.transfer4j.internal.feature;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.transfer4j.internal.augment.Mixing.Mixture;

/**
 * Examples of images into which others of the same dataset were mixed, with the targets of both. They follow from the
 * same draws as the pixels, so that they need not be kept with features.
 *
 * @param examples of the mixed images
 * @param height of the network's input
 * @param width of the network's input
 * @param rounds after how many epochs the same mixtures come again
 */
public record MixedExamples(
        Examples examples,
        DatasetSource source,
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
                examples.inEpoch(number), source, augmentation, height, width, rounds, (number - 1) % rounds + 1);
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
            List<Target> targets = new ArrayList<>(batch.size());
            for (Target own : batch.targets()) {
                Optional<Mixture> mixture = augmentation.mixture(
                        order[done++], epoch, source.dataset().size(), height, width);
                targets.add(mixture.map(mixed -> Target.mixed(own, source.target(mixed.partner()), mixed.weight()))
                        .orElse(own));
            }
            return batch.withTargets(targets);
        }

        @Override
        public void close() {
            batches.close();
        }
    }
}
