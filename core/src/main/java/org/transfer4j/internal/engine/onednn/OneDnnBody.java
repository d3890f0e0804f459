package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.ArrayLayout;

/**
 * The layers of a network on images that are learned, as a program with a backward pass, on batches of any size, one step
 * at a time: a small step on one thread, so that it waits for nobody on a busy machine, others on all.
 */
public final class OneDnnBody implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnnBody.class);

    /** A backward pass multiplies twice as much as the forward pass before it. */
    private static final int TRAINING_PASSES = 3;

    /** Training and prediction, each with whole batches and a last one. */
    private static final int MOST_PLANS = 4;

    private final Program program;
    private final Precision precision;
    private final OneDnn.Library library = OneDnn.library();
    private final NativeResources resources = new NativeResources();
    private final stream order;
    private final Workspace block;
    private final Map<Key, Prepared> plans = new LinkedHashMap<>(MOST_PLANS, 0.75f, true);
    private @Nullable Prepared running;

    /** What a plan is made for. */
    private record Key(long batch, boolean training) {}

    /** A plan, the array for its output, and how many threads it was made for. */
    private record Prepared(Plan plan, INDArray features, int threads) {
        void close() {
            plan.close();
            features.close();
        }
    }

    private OneDnnBody(Program program, Precision precision) {
        this.program = program;
        this.precision = precision;
        this.order = resources.own(new stream(library.cpu()));
        this.block = new Workspace(library.cpu());
    }

    /**
     * Compiles the lower part of a network.
     *
     * @param network of images [C, H, W]
     * @param last the node whose values are the body's
     * @param parameters that are read, and whose gradients are written
     * @param batchStatistics whether batch normalization is by the batch's statistics in training
     * @param seed of what dropout drops
     * @param precision of what is computed, if the CPU has it; sums, weights and their gradients are float
     * @return the body, for the caller to close
     * @throws UnsupportedGraphException if a layer is not trained here; the message says which
     */
    public static OneDnnBody compile(
            Network network,
            String last,
            LearnedParameters parameters,
            boolean batchStatistics,
            long seed,
            Precision precision) {
        Program program = Fusion.fuseLearned(LearnedLowering.lower(network, last, parameters, batchStatistics, seed));
        return new OneDnnBody(program, OneDnn.supports(precision) ? precision : Precision.FLOAT32);
    }

    /** How many numbers its convolutions multiply in a forward pass over an image. */
    long multiplications() {
        return program.multiplications();
    }

    private Prepared prepared(long batch, boolean training) {
        Key key = new Key(batch, training);
        Prepared known = plans.get(key);
        if (known == null) {
            int threads = NativeThreads.worthwhile(
                    batch * multiplications() * (training ? TRAINING_PASSES : 1), NativeThreads.count());
            Plan plan = NativeThreads.with(threads, () -> plan(Math.toIntExact(batch), training));
            INDArray features = Nd4j.createUninitializedDetached(
                    DataType.FLOAT, 'c', program.output().shape().withBatch(batch));
            known = new Prepared(plan, features, threads);
            plans.put(key, known);
            dropOldest();
        }
        return known;
    }

    /** A plan in the wanted precision; in float where oneDNN has no primitives for that. */
    private Plan plan(int batch, boolean training) {
        PlanBuilder.Purpose purpose = training ? PlanBuilder.Purpose.TRAINING : PlanBuilder.Purpose.ANSWER;
        if (precision != Precision.FLOAT32) {
            try {
                return PlanBuilder.build(library, program, precision, batch, purpose);
            } catch (RuntimeException missing) {
                LOG.debug("oneDNN has no primitives in {}", precision, missing);
            }
        }
        return PlanBuilder.build(library, program, Precision.FLOAT32, batch, purpose);
    }

    private void dropOldest() {
        Iterator<Prepared> oldest = plans.values().iterator();
        while (plans.size() > MOST_PLANS) {
            oldest.next().close();
            oldest.remove();
        }
    }

    /**
     * The output of the body.
     *
     * @param batch [N, C, H, W]
     * @return [N, C, H, W], valid until the next call
     */
    public INDArray answer(INDArray batch) {
        return forward(batch, false, 0);
    }

    /**
     * The same for a step of training.
     *
     * @param step how many steps were done before
     */
    public INDArray forward(INDArray batch, int step) {
        return forward(batch, true, step);
    }

    private INDArray forward(INDArray batch, boolean training, int step) {
        Shape images = program.input().shape();
        if (batch.size(0) < 1 || !Arrays.equals(batch.shape(), images.withBatch(batch.size(0)))) {
            throw new IllegalArgumentException("images must be [n > 0, " + images.channels() + ", " + images.height()
                    + ", " + images.width() + "], got " + Arrays.toString(batch.shape()));
        }
        Prepared prepared = prepared(batch.size(0), training);
        running = training ? prepared : null;
        INDArray plain = plain(batch);
        NativeThreads.with(prepared.threads(), () -> {
            Pointer memory = block.reserve(prepared.plan().arenaBytes());
            prepared.plan().prepare(step);
            prepared.plan()
                    .run(
                            order,
                            memory,
                            plain.data().addressPointer(),
                            prepared.features().data().addressPointer(),
                            Math.toIntExact(plain.size(0)));
            return memory;
        });
        freeCopy(plain, batch);
        return prepared.features();
    }

    /**
     * Writes the gradients of all parameters for the batch of the last forward pass.
     *
     * @param gradient of the output, as many floats in C order
     */
    public void backward(Pointer gradient) {
        Prepared prepared = running;
        if (prepared == null) {
            throw new IllegalStateException("a backward pass needs a forward pass for training before it");
        }
        running = null;
        NativeThreads.with(prepared.threads(), () -> {
            prepared.plan().backward(order, gradient);
            return gradient;
        });
    }

    private static INDArray plain(INDArray array) {
        boolean asNeeded = array.dataType() == DataType.FLOAT && ArrayLayout.isContiguous(array);
        return asNeeded ? array : array.castTo(DataType.FLOAT).dup('c');
    }

    private static void freeCopy(INDArray copy, INDArray original) {
        if (copy != original && copy.closeable()) {
            copy.close();
        }
    }

    @Override
    public void close() {
        running = null;
        plans.values().forEach(Prepared::close);
        plans.clear();
        block.close();
        resources.close();
        program.close();
    }
}
