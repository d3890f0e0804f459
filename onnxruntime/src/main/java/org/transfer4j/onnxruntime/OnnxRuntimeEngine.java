package org.transfer4j.onnxruntime;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorShapeProto;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.MemoryOrder;
import org.transfer4j.internal.trunk.Trunk;

/** ONNX Runtime as the engine for ONNX models; found by {@link java.util.ServiceLoader}. */
public final class OnnxRuntimeEngine implements OnnxEngine {
    /** The largest batch of a model's own, which single images are padded to. */
    static final int MOST_IMAGES = 256;

    @Override
    public Trunk open(Op.Onnx op, INDArray model) {
        String sha256 = ModelBytes.sha256(model);
        if (!sha256.equals(op.sha256())) {
            throw new IllegalArgumentException(
                    "the SHA-256 of the ONNX model must be " + op.sha256() + ", but is " + sha256);
        }
        ModelProto proto = ModelFile.parsed(model);
        int fixed = batch(proto);
        ComputedSizes.require(null, proto, ComputedSizes.shape(op.images(), Math.max(1, fixed)));
        int several = fixed > 0 ? fixed : ComputedSizes.batch(proto, OrtTrunk.passBatch(op.images()), op.images());
        SharedSession.Lease lease = SharedSession.lease(sha256, model);
        return new OrtTrunk(lease, op.images(), op.shape(), fixed > 0, several);
    }

    @Override
    public Attention attention(Op.Onnx op, INDArray model) {
        ModelProto proto = ModelFile.parsed(model);
        int fixed = batch(proto);
        if (fixed > 1) {
            throw new UnsupportedOperationException(
                    "takes " + fixed + " images at once alone: attention is looked at of one image");
        }
        return VisibleAttention.of(op, proto);
    }

    @Override
    public INDArray whole(Op.Onnx op, INDArray outline, List<Path> folders) {
        Op.Outside outside = op.outside();
        if (outside == null) {
            throw new IllegalArgumentException("the ONNX model is not outside of its file");
        }
        return OutsideWeights.whole(op.bytes(), op.sha256(), outside, outline, folders);
    }

    /** Looks at the model, which a saved file may have from anywhere; gives the only number of images at once, or 0. */
    private static int batch(ModelProto model) {
        ModelCheck.check(model);
        GraphProto graph = model.getGraph();
        if (graph.getInputCount() != 1
                || !graph.getInput(0).getName().equals(FeatureModel.IMAGES)
                || graph.getOutputCount() != 1
                || !graph.getOutput(0).getName().equals(FeatureModel.FEATURES)) {
            throw new IllegalArgumentException("the ONNX model has not the one input " + FeatureModel.IMAGES
                    + " and the one output " + FeatureModel.FEATURES);
        }
        TensorShapeProto shape = graph.getInput(0).getType().getTensorType().getShape();
        long batch = shape.getDimCount() == 0 ? 0 : shape.getDim(0).getDimValue();
        if (batch < 0 || batch > MOST_IMAGES) {
            throw new IllegalArgumentException(
                    "an ONNX model takes up to " + MOST_IMAGES + " images at once, got " + batch);
        }
        return (int) batch;
    }

    /**
     * Runs a model. Images are computed one at a time or in batches of one size, zeros behind the last ones: each new shape would
     * grow the runtime's memory, which it keeps. Holds a lease of a session, which goes back when this is closed, or forgotten.
     */
    private static final class OrtTrunk implements Trunk {
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
}
