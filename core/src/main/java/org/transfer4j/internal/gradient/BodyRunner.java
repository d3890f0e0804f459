package org.transfer4j.internal.gradient;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.onednn.NativeResources;
import org.transfer4j.internal.onednn.OneDnn;
import org.transfer4j.internal.onednn.Workspace;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * Runs a body on batches of any size, one step at a time: a small step on one thread, so that it waits for nobody on a busy
 * machine, others on all.
 */
final class BodyRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BodyRunner.class);

    /** A backward pass multiplies twice as much as the forward pass before it. */
    private static final int TRAINING_PASSES = 3;

    /** Training and prediction, each with whole batches and a last one. */
    private static final int MOST_PLANS = 4;

    private final Body body;
    private final Precision precision;
    private final OneDnn.Library library = OneDnn.library();
    private final NativeResources resources = new NativeResources();
    private final stream order;
    private final Workspace block;
    private final Map<Key, Prepared> plans = new LinkedHashMap<>(MOST_PLANS, 0.75f, true);
    private final Set<Key> unimplemented = new HashSet<>();
    private @Nullable Prepared running;

    /** What a plan is made for. */
    private record Key(long batch, long channels, long height, long width, boolean training) {}

    /** A plan, the array for its output, and how many threads it was made for. */
    private record Prepared(Plan plan, INDArray features, int threads) {
        void close() {
            plan.close();
            features.close();
        }
    }

    BodyRunner(Body body, Precision precision) {
        this.body = body;
        this.precision = precision;
        this.order = resources.own(new stream(library.cpu()));
        this.block = new Workspace(library.cpu());
    }

    Body body() {
        return body;
    }

    /**
     * Prepares for images of a shape.
     *
     * @param images [N, C, H, W]
     * @return false if oneDNN has no primitive for some layer and this shape
     */
    boolean prepare(long[] images, boolean training) {
        Key key = new Key(images[0], images[1], images[2], images[3], training);
        if (unimplemented.contains(key)) {
            return false;
        }
        if (!plans.containsKey(key)) {
            int threads = NativeThreads.worthwhile(
                    body.multiplications(images[0]) * (training ? TRAINING_PASSES : 1), NativeThreads.count());
            Plan plan = plan(images, training, threads);
            if (plan == null) {
                unimplemented.add(key);
                return false;
            }
            plans.put(
                    key,
                    new Prepared(
                            plan, Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', plan.outputShape()), threads));
            dropOldest();
        }
        return true;
    }

    /** A plan in the wanted precision, else in float; null if there is neither. */
    private @Nullable Plan plan(long[] images, boolean training, int threads) {
        RuntimeException cause = null;
        for (Precision candidate : candidates()) {
            try {
                return NativeThreads.with(threads, () -> Plan.build(body, library.cpu(), candidate, images, training));
            } catch (RuntimeException missing) {
                cause = missing;
            }
        }
        LOG.info("oneDNN has no primitives for images {}, DL4J computes them, slowly", Arrays.toString(images), cause);
        return null;
    }

    private List<Precision> candidates() {
        return precision == Precision.FLOAT32 ? List.of(precision) : List.of(precision, Precision.FLOAT32);
    }

    private Prepared prepared(long[] images, boolean training) {
        Prepared prepared = prepare(images, training)
                ? plans.get(new Key(images[0], images[1], images[2], images[3], training))
                : null;
        if (prepared == null) {
            throw new IllegalStateException("oneDNN has no primitives for images " + Arrays.toString(images));
        }
        return prepared;
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
     * @param images [N, C, H, W]
     * @return [N, C, H, W], valid until the next call
     */
    INDArray forward(INDArray images, boolean training) {
        Prepared prepared = prepared(images.shape(), training);
        running = training ? prepared : null;
        INDArray plain = plain(images);
        NativeThreads.with(prepared.threads(), () -> {
            Pointer memory = block.reserve(prepared.plan().arenaBytes());
            prepared.plan().forward(order, memory, plain, prepared.features());
            return memory;
        });
        freeCopy(plain, images);
        return prepared.features();
    }

    /**
     * Writes the gradients of all parameters for the batch of the last forward pass.
     *
     * @param gradient of the output, of its shape
     */
    void backward(INDArray gradient) {
        Prepared prepared = running;
        if (prepared == null) {
            throw new IllegalStateException("a backward pass needs a forward pass for training before it");
        }
        if (!Arrays.equals(gradient.shape(), prepared.features().shape())) {
            throw new IllegalArgumentException("the gradient must be "
                    + Arrays.toString(prepared.features().shape()) + ", got " + Arrays.toString(gradient.shape()));
        }
        running = null;
        INDArray plain = plain(gradient);
        NativeThreads.with(prepared.threads(), () -> {
            prepared.plan().backward(order, plain);
            return plain;
        });
        freeCopy(plain, gradient);
    }

    private static INDArray plain(INDArray array) {
        boolean asNeeded =
                array.dataType() == DataType.FLOAT && array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array);
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
        body.close();
    }
}
