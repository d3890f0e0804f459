package org.transfer4j.onnxruntime;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.MemoryOrder;
import org.transfer4j.internal.trunk.Trunk;

/**
 * Runs a model. Images are computed one at a time or in batches of one size, zeros behind the last ones: each new shape would
 * grow the runtime's memory, which it keeps. Holds a lease of a session, which goes back when this is closed, or forgotten.
 */
final class OrtTrunk implements Trunk {
    private static final Cleaner CLEANER = Cleaner.create();

    /** As many images of 224x224 as keep all threads busy, and of one thread what its core's cache holds between two nodes. */
    private static final int LARGE_BATCH = 8;

    private static final int LARGE_BATCH_OF_ONE_THREAD = 4;

    private static final int SMALL_BATCH = 32;

    private static final int SMALL_PIXELS = 96 * 96;

    private final SharedSession.Lease lease;
    private final Cleaner.Cleanable cleanable;
    private final Shape images;
    private final Shape features;
    private final boolean fixed;
    private final int several;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * Takes a lease over.
     *
     * @param images the shape of one image
     * @param features the shape of what one image gives
     * @param fixed whether the model takes no other number of images at once
     * @param several how many images are computed at once where there are more than one
     */
    OrtTrunk(SharedSession.Lease lease, Shape images, Shape features, boolean fixed, int several) {
        this.lease = lease;
        this.cleanable = CLEANER.register(this, lease::close);
        this.images = images;
        this.features = features;
        this.fixed = fixed;
        this.several = several;
    }

    @Override
    public long[] featureShape() {
        return features.toArray();
    }

    @Override
    public String engine() {
        return lease.session().engine();
    }

    @Override
    public INDArray infer(INDArray batch) {
        return infer(batch, !fixed && batch.size(0) == 1 ? 1 : several);
    }

    @Override
    public Trunk forPasses(int batchSize) {
        return new Passes();
    }

    /** How many images are computed at once if memory allows it. */
    static int passBatch(Shape images) {
        if ((long) images.height() * images.width() < SMALL_PIXELS) {
            return SMALL_BATCH;
        }
        return NativeThreads.count() == 1 ? LARGE_BATCH_OF_ONE_THREAD : LARGE_BATCH;
    }

    private INDArray infer(INDArray batch, int step) {
        long[] shape = batch.shape();
        if (shape.length != 4 || !Arrays.equals(shape, images.withBatch(shape[0]))) {
            throw new IllegalArgumentException("the trunk takes images [N, " + images.channels() + ", "
                    + images.height() + ", " + images.width() + "], got " + Arrays.toString(shape));
        }
        INDArray source = MemoryOrder.isContiguous(batch) ? batch : batch.dup('c');
        INDArray result = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', features.withBatch(shape[0]));
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the trunk is closed");
            }
            for (long start = 0; start < shape[0]; start += step) {
                run(source, result, start, (int) Math.min(step, shape[0] - start), step);
            }
            return result;
        } catch (RuntimeException | Error e) {
            result.close();
            throw e;
        } finally {
            use.readLock().unlock();
            Reference.reachabilityFence(source);
            Reference.reachabilityFence(this);
        }
    }

    private void run(INDArray source, INDArray result, long start, int count, int step) {
        FloatBuffer given = piece(source, start * images.elements(), count * images.elements());
        FloatBuffer made = piece(result, start * features.elements(), count * features.elements());
        if (count == step) {
            lease.session().run(given, images.withBatch(step), made, features.withBatch(step));
            return;
        }
        try (INDArray padded = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', images.withBatch(step));
                INDArray all = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', features.withBatch(step))) {
            FloatPointer memory = new FloatPointer(padded.data().addressPointer());
            Pointer.memset(memory, 0, step * images.elements() * Float.BYTES);
            FloatBuffer whole = piece(padded, 0, step * images.elements());
            whole.duplicate().put(given);
            FloatBuffer features = piece(all, 0, step * this.features.elements());
            lease.session().run(whole, images.withBatch(step), features, this.features.withBatch(step));
            made.put(features.duplicate().limit(made.remaining()));
        }
    }

    /** A part of an array's memory. */
    private static FloatBuffer piece(INDArray array, long start, long length) {
        return new FloatPointer(array.data().addressPointer())
                .limit(start + length)
                .position(start)
                .asBuffer();
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            closed = true;
            cleanable.clean();
        } finally {
            use.writeLock().unlock();
        }
    }

    /** In batches of one size alone, so that an image's features are the same bits whichever it is computed with. */
    private final class Passes implements Trunk {
        @Override
        public long[] featureShape() {
            return OrtTrunk.this.featureShape();
        }

        @Override
        public INDArray infer(INDArray batch) {
            return OrtTrunk.this.infer(batch, several);
        }

        @Override
        public Trunk forPasses(int batchSize) {
            return this;
        }

        @Override
        public String engine() {
            return OrtTrunk.this.engine() + ", batches of " + several;
        }

        @Override
        public void close() {
            OrtTrunk.this.close();
        }
    }
}
