package org.transfer4j.internal.feature;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.internal.thread.Workers.SharedWork;
import org.transfer4j.internal.trunk.Trunk;

/**
 * What a trunk makes of a stream's images, in the stream's order. Where one batch does not keep all threads busy, several
 * are computed side by side, each on a copy of its images, by whoever is free; the caller, too, computes while it waits.
 */
public final class FeatureStream implements BatchStream {
    private final BatchStream images;
    private final Trunk trunk;
    private final Deque<Computation> ahead = new ArrayDeque<>();
    private int atOnce = 1;
    private @Nullable RuntimeException unread;
    private @Nullable Computation handedOut;

    /**
     * Reads nothing yet.
     *
     * @param images closed with this
     * @param trunk stays the caller's
     */
    public FeatureStream(BatchStream images, Trunk trunk) {
        this.images = images;
        this.trunk = trunk;
    }

    /**
     * Features that are computed anew in each epoch, since the images are others each time.
     *
     * @param images decoded anew in each epoch
     * @param trunk what computes; it stays the caller's
     * @param trunkBatch how many images pass the trunk together, whatever the size of the batches to learn from
     */
    public static Examples anew(Examples images, Trunk trunk, int trunkBatch) {
        return images.read((decoded, epoch, order, batchSize) ->
                new ComputedBatches(decoded.batches(order, trunkBatch), trunk, order.length, batchSize));
    }

    @Override
    public boolean hasNext() {
        return !ahead.isEmpty() || unread != null || images.hasNext();
    }

    /** The next batch's features. Where images can't be read, the features of those before come first. */
    @Override
    public Batch next() {
        freeHandedOut();
        readAhead();
        Computation next = ahead.poll();
        if (next == null) {
            throw unread == null ? new NoSuchElementException("all features were computed") : unread;
        }
        handedOut = next;
        next.help();
        for (Computation other : ahead) {
            if (next.isDone()) {
                break;
            }
            other.help();
        }
        return next.result();
    }

    private void readAhead() {
        while (unread == null && ahead.size() < atOnce && images.hasNext()) {
            try {
                Batch batch = images.next();
                atOnce = trunk.batchesAtOnce(batch.size());
                ahead.add(new Computation(trunk, batch, atOnce > 1));
            } catch (RuntimeException e) {
                unread = e;
            }
        }
    }

    private void freeHandedOut() {
        if (handedOut != null) {
            handedOut.free();
            handedOut = null;
        }
    }

    @Override
    public void close() {
        freeHandedOut();
        ahead.forEach(Computation::free);
        ahead.clear();
        images.close();
    }

    /** One batch, computed by whoever comes first. */
    private static final class Computation {
        private final Trunk trunk;
        private final Batch images;
        private final INDArray source;
        private final SharedWork work = new SharedWork(1, only -> compute());
        private @Nullable INDArray features;

        /**
         * Takes images.
         *
         * @param beside whether others may compute them, while the next ones are read where these were
         */
        Computation(Trunk trunk, Batch images, boolean beside) {
            this.trunk = trunk;
            this.images = images;
            INDArray read = images.features();
            if (beside) {
                source = Nd4j.createUninitializedDetached(read.dataType(), 'c', read.shape());
                source.assign(read);
                Workers.offer(work);
            } else {
                source = read;
            }
        }

        private void compute() {
            features = trunk.infer(source);
        }

        void help() {
            work.run();
        }

        boolean isDone() {
            return work.isDone();
        }

        /** Waits for it; what has failed is thrown here. */
        Batch result() {
            work.await();
            INDArray computed = features;
            if (computed == null) {
                throw new IllegalStateException("no features were computed");
            }
            return new Batch(computed, images.targets());
        }

        /** Frees all of it, computed or not. */
        void free() {
            work.abandon();
            if (source != images.features()) {
                source.close();
            }
            if (features != null) {
                features.close();
            }
        }
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
