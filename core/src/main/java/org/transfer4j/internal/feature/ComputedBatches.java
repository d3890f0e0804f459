package org.transfer4j.internal.feature;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.trunk.Trunk;

/** Features that are computed when they are asked for, cut into batches of another size than the trunk's. */
final class ComputedBatches implements BatchStream {
    private final BatchStream features;
    private final int batchSize;
    private final INDArray room;
    private int left;
    private @Nullable INDArray computed;
    private int[] classes = new int[0];
    private int used;

    ComputedBatches(BatchStream images, Trunk trunk, int size, int batchSize) {
        this.features = new FeatureStream(images, trunk);
        this.left = size;
        this.batchSize = Math.min(batchSize, size);
        long[] featureShape = trunk.featureShape();
        long[] shape = new long[featureShape.length + 1];
        shape[0] = this.batchSize;
        System.arraycopy(featureShape, 0, shape, 1, featureShape.length);
        this.room = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape);
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
        int[] batchClasses = new int[count];
        for (int done = 0; done < count; ) {
            INDArray source = source();
            int some = Math.min(count - done, classes.length - used);
            room.get(NDArrayIndex.interval(done, done + some))
                    .assign(source.get(NDArrayIndex.interval(used, used + some)));
            System.arraycopy(classes, used, batchClasses, done, some);
            used += some;
            done += some;
        }
        left -= count;
        return new Batch(count == batchSize ? room : room.get(NDArrayIndex.interval(0, count)), batchClasses);
    }

    /** What was computed and not used up, else the next images' features. */
    private INDArray source() {
        INDArray current = computed;
        if (current == null || used == classes.length) {
            Batch batch = features.next();
            current = batch.features();
            computed = current;
            classes = batch.classIndices();
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
