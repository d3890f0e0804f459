package org.transfer4j.internal.feature;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.trunk.Trunk;

/**
 * Features that are computed anew in each epoch, since the images are others each time.
 *
 * @param images decoded anew in each epoch
 * @param trunk what computes; it stays the caller's
 * @param trunkBatch how many images pass the trunk together, whatever the size of the batches to learn from
 */
public record FreshFeatures(Examples images, Trunk trunk, int trunkBatch) implements Examples {
    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Examples inEpoch(int epoch) {
        return new FreshFeatures(images.inEpoch(epoch), trunk, trunkBatch);
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return new ComputedBatches(images.batches(order, trunkBatch), trunk, order.length, batchSize);
    }

    @Override
    public void close() {
        images.close();
    }

    /** Features that are computed when they are asked for, cut into batches of another size than the trunk's. */
    private static final class ComputedBatches implements BatchStream {
        private final BatchStream features;
        private final int batchSize;
        private final INDArray room;
        private int left;
        private @Nullable INDArray computed;
        private List<Target> targets = List.of();
        private int used;

        ComputedBatches(BatchStream images, Trunk trunk, int size, int batchSize) {
            this.features = new FeatureStream(images, trunk);
            this.left = size;
            this.batchSize = Math.min(batchSize, size);
            this.room = Nd4j.createUninitializedDetached(
                    DataType.FLOAT, 'c', ArrayUtil.combine(new long[] {this.batchSize}, trunk.featureShape()));
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("all features were computed");
            }
            int count = Math.min(batchSize, left);
            List<Target> batchTargets = new ArrayList<>(count);
            for (int done = 0; done < count; ) {
                INDArray source = source();
                int some = Math.min(count - done, targets.size() - used);
                room.get(NDArrayIndex.interval(done, done + some))
                        .assign(source.get(NDArrayIndex.interval(used, used + some)));
                batchTargets.addAll(targets.subList(used, used + some));
                used += some;
                done += some;
            }
            left -= count;
            return new Batch(count == batchSize ? room : room.get(NDArrayIndex.interval(0, count)), batchTargets);
        }

        /** What was computed and not used up, else the next images' features. */
        private INDArray source() {
            INDArray current = computed;
            if (current == null || used == targets.size()) {
                Batch batch = features.next();
                current = batch.features();
                computed = current;
                targets = batch.targets();
                used = 0;
            }
            return current;
        }

        @Override
        public void close() {
            features.close();
            if (!room.wasClosed()) {
                room.close();
            }
        }
    }
}
