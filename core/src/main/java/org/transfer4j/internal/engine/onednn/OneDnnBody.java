package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.engine.onednn.Plan.Workspace;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.internal.trunk.MemoryOrder;

/**
 * The layers of a network on images that are learned, as a program with a backward pass, on batches of any size, one step
 * at a time. On a busy machine threads that share each operation wait for one another at each; so a small step takes one
 * thread, and where images are learned from one by one, each thread has a part of the batch for itself, and gradients are added
 * up at the end. Which of these it is depends on shapes and the number of threads alone.
 */
public final class OneDnnBody implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnnBody.class);

    /** A backward pass multiplies twice as much as the forward pass before it. */
    private static final int TRAINING_PASSES = 3;

    /** How often a part of a batch should use each weight, lest arranging weights and adding gradients take the time. */
    private static final long USES_OF_A_WEIGHT = 500;

    /** Training and prediction, each with whole batches and a last one. */
    private static final int MOST_PLANS = 4;

    private final Program program;
    private final Precision precision;
    private final OneDnn.Library library = OneDnn.library();
    private final List<Workspace> places = new ArrayList<>();
    private final Map<Key, Prepared> plans = new LinkedHashMap<>(MOST_PLANS, 0.75f, true);
    private @Nullable Prepared running;

    /** What a plan is made for. */
    private record Key(long batch, boolean training) {}

    /** Plans for all parts of a batch, the array for their output, and how many threads each plan was made for. */
    private record Prepared(List<Part> parts, INDArray features, int threads) {
        void close() {
            parts.forEach(part -> part.plan().close());
            features.close();
        }
    }

    /** A plan for some images of a batch. */
    private record Part(Plan plan, int first, int count) {}

    /**
     * Where the parameters of layers that are learned are kept, which stays the same.
     *
     * @param values of the parameters, not copies
     * @param gradients where their gradients go
     */
    public record Parameters(Network.Values values, Network.Values gradients) {}

    private OneDnnBody(Program program, Precision precision) {
        this.program = program;
        this.precision = precision;
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
            Parameters parameters,
            boolean batchStatistics,
            long seed,
            Precision precision) {
        Program program = Fusion.fuseLearned(Lowering.learned(network, last, parameters, batchStatistics, seed));
        return new OneDnnBody(program, OneDnn.supports(precision) ? precision : Precision.FLOAT32);
    }

    private Prepared prepared(long batch, boolean training) {
        Key key = new Key(batch, training);
        Prepared known = plans.get(key);
        if (known == null) {
            known = prepare(Math.toIntExact(batch), training);
            plans.put(key, known);
            dropOldest();
        }
        return known;
    }

    private Prepared prepare(int batch, boolean training) {
        long multiplications = program.multiplications();
        int threads = NativeThreads.worthwhile(
                batch * multiplications * (training ? TRAINING_PASSES : 1), NativeThreads.count());
        int count = NativeThreads.governOneDnn() && program.takesImagesAlone()
                ? parts(batch, threads, multiplications, program.learnedWeights())
                : 1;
        int each = count == 1 ? threads : 1;
        List<Part> parts = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                int first = batch * i / count;
                int images = batch * (i + 1) / count - first;
                Plan plan = NativeThreads.with(each, () -> plan(images, first, training));
                parts.add(new Part(plan, first, images));
            }
            while (places.size() < count) {
                places.add(new Workspace(library.cpu()));
            }
            INDArray features = Nd4j.createUninitializedDetached(
                    DataType.FLOAT, 'c', program.output().shape().withBatch(batch));
            return new Prepared(parts, features, each);
        } catch (RuntimeException | Error e) {
            parts.forEach(part -> part.plan().close());
            throw e;
        }
    }

    /**
     * In how many parts a batch is computed: one for each thread where that is worth it.
     *
     * @param multiplications for one image, of convolutions with so many weights
     */
    static int parts(int batch, int threads, long multiplications, long weights) {
        boolean worthIt = batch * multiplications >= USES_OF_A_WEIGHT * threads * weights;
        return worthIt && batch >= threads ? threads : 1;
    }

    /** A plan in the wanted precision; in float where oneDNN has no primitives for that. */
    private Plan plan(int batch, int firstImage, boolean training) {
        PlanBuilder.Purpose purpose = training ? PlanBuilder.Purpose.TRAINING : PlanBuilder.Purpose.ANSWER;
        if (precision != Precision.FLOAT32) {
            try {
                return PlanBuilder.build(library, program, precision, batch, firstImage, purpose);
            } catch (RuntimeException missing) {
                LOG.debug("oneDNN has no primitives in {}", precision, missing);
            }
        }
        return PlanBuilder.build(library, program, Precision.FLOAT32, batch, firstImage, purpose);
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
        Pointer read = plain.data().addressPointer();
        Pointer written = prepared.features().data().addressPointer();
        prepared.parts().forEach(part -> part.plan().prepare(step));
        inParts(
                prepared,
                (part, place) -> part.plan()
                        .run(
                                place,
                                ofPart(read, program.input(), part),
                                ofPart(written, program.output(), part),
                                part.count()));
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
        inParts(prepared, (part, place) -> part.plan().backward(place, ofPart(gradient, program.output(), part)));
        List<Part> parts = prepared.parts();
        int additions = parts.get(parts.size() - 1).plan().additions();
        Workers.run(Math.min(parts.size(), additions), worker -> {
            for (int i = worker; i < additions; i += parts.size()) {
                for (Part part : parts.subList(1, parts.size())) {
                    part.plan().add(places.get(worker), i);
                }
            }
        });
        parts.get(0).plan().complete();
    }

    private void inParts(Prepared prepared, BiConsumer<Part, Workspace> work) {
        List<Part> parts = prepared.parts();
        if (parts.size() == 1) {
            NativeThreads.with(prepared.threads(), () -> {
                work.accept(parts.get(0), places.get(0));
                return parts;
            });
        } else {
            Workers.run(parts.size(), i -> work.accept(parts.get(i), places.get(i)));
        }
    }

    /** The place of a part's images in an array of floats of the whole batch. */
    private static Pointer ofPart(Pointer batch, Value value, Part part) {
        return NativeResources.offset(batch, part.first() * value.shape().elements() * Float.BYTES);
    }

    private static INDArray plain(INDArray array) {
        boolean asNeeded = array.dataType() == DataType.FLOAT && MemoryOrder.isContiguous(array);
        return asNeeded
                ? array
                : Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', array.shape())
                        .assign(array);
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
        places.forEach(Workspace::close);
        program.close();
    }
}
