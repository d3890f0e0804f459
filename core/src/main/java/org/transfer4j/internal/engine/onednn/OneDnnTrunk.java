package org.transfer4j.internal.engine.onednn;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
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
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;
import org.transfer4j.internal.trunk.MemoryOrder;
import org.transfer4j.internal.trunk.Trunk;

/**
 * A frozen graph as a chain of oneDNN primitives.
 *
 * <p>Any number of threads may ask at once. What is asked is cut into pieces by {@link Piece.Rule}; pieces of one OpenMP
 * thread run side by side, as many as the setting allows ({@link NativeThreads}), and are handed out to whoever is free, so
 * that none waits at a barrier for a thread that has no core. One large image, or a few that are not worth cutting, are
 * computed by all of OpenMP's threads together, and alone.
 *
 * <p>Memory, for VGG16 at 224x224: the plain weights on the heap (59 MB), packed weights for passes (Winograd's, 235 MB) and
 * for single images (145 MB more) once they are used, which all threads share, and an arena of 92 MB for each thread.
 * Elsewhere an arena is larger where pieces are, as far as no step reads and writes more than {@value #WIDEST_STEP_BYTES}
 * bytes.
 *
 * <p>The same batch gives the same bits, in every run, every trunk and every thread, however many callers there are, as
 * long as oneDNN's version, the CPU and the number of threads stay the same: oneDNN splits sums by cache sizes and threads.
 * Between those, and between batch sizes, features agree to about 1e-6. In {@link #forPasses} batch sizes don't matter.
 */
public final class OneDnnTrunk implements Trunk {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnnTrunk.class);
    private static final long WIDEST_STEP_BYTES = 256L << 20;

    private final OneDnn.Library library;
    private final Program program;
    private final Shape features;
    private final Precision precision;
    private final ConvolutionAlgorithms algorithms;
    private final int threads = NativeThreads.count();
    private final Piece.Rule rule;
    private final PackedWeights weights;
    private final Lanes lanes;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private OneDnnTrunk(
            OneDnn.Library library, Program program, Shape features, Precision precision, AlgorithmChoices algorithms) {
        this.library = library;
        this.program = program;
        this.features = features;
        this.precision = precision;
        // elsewhere each lane would have all of OpenMP's threads
        int sideBySide = NativeThreads.governOneDnn() ? threads : 1;
        this.rule = new Piece.Rule(program, sideBySide, WIDEST_STEP_BYTES);
        ConvolutionAlgorithms known = new ConvolutionAlgorithms(library.instructionSet(), algorithms.recorded());
        this.algorithms = algorithms.measured() && precision == Precision.FLOAT32
                ? known.completed(library, program, sizesOfOneImage())
                : known;
        this.weights = new PackedWeights(library.cpu(), threads);
        this.lanes = new Lanes(sideBySide, () -> new Lanes.Lane(library, this::plan));
    }

    /**
     * Compiles a network. Its parameters are copied: later changes of theirs change nothing here.
     *
     * @param network of images [C, H, W]
     * @param precision in what it computes, where oneDNN has a primitive for it
     * @param algorithms what it computes convolutions with; in bfloat16 there is but one algorithm
     * @return the trunk, for the caller to close
     * @throws UnsupportedGraphException if a part of the network is not compiled here; the message names it
     * @throws IllegalStateException if {@link OneDnn#supports} says no
     */
    public static OneDnnTrunk compile(
            Network network, Network.Values parameters, Precision precision, AlgorithmChoices algorithms) {
        if (!network.inputShape().isImage()) {
            throw new IllegalArgumentException(
                    "the input shape must be channels, height, width: " + network.inputShape());
        }
        OneDnn.Library library = OneDnn.library();
        if (!OneDnn.supports(precision)) {
            throw new IllegalStateException(
                    precision + " is not in the hardware of this CPU: " + library.instructionSet());
        }
        Program program = Fusion.fuse(Lowering.frozen(network, parameters));
        try {
            PlanBuilder.check(
                    library,
                    program,
                    precision,
                    new ConvolutionAlgorithms(library.instructionSet(), algorithms.recorded()));
        } catch (RuntimeException cause) {
            throw new UnsupportedGraphException("oneDNN has no primitive for a layer: " + cause.getMessage(), cause);
        }
        return new OneDnnTrunk(library, program, network.shape(network.output()), precision, algorithms);
    }

    private List<Piece.Size> sizesOfOneImage() {
        return Stream.of(rule.forAnswer(1), rule.forPass(1))
                .map(pieces -> pieces.get(0).size())
                .distinct()
                .toList();
    }

    @Override
    public Map<String, Algorithm> recordedAlgorithms() {
        return algorithms.recorded();
    }

    @Override
    public long[] featureShape() {
        return features.toArray();
    }

    @Override
    public String engine() {
        Map<String, Algorithm> deviations = algorithms.deviations(program);
        return "oneDNN " + library.version() + " " + library.instructionSet() + " " + precision + ", threads: "
                + threads + (deviations.isEmpty() ? "" : ", " + deviations);
    }

    @Override
    public INDArray infer(INDArray images) {
        return infer(images, rule::forAnswer);
    }

    @Override
    public Trunk forPasses(int batchSize) {
        return new Passes();
    }

    private INDArray infer(INDArray images, LongFunction<List<Piece>> cut) {
        check(images);
        if (!MemoryOrder.isContiguous(images)) {
            try (INDArray copy = fresh(images.shape())) {
                return infer(copy.assign(images), cut);
            }
        }
        long count = images.size(0);
        INDArray features = fresh(this.features.withBatch(count));
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the trunk is closed");
            }
            run(cut.apply(count), images, features);
        } catch (RuntimeException | Error e) {
            features.close();
            throw e;
        } finally {
            use.readLock().unlock();
            Reference.reachabilityFence(images);
            Reference.reachabilityFence(features);
        }
        return features;
    }

    private void run(List<Piece> pieces, INDArray images, INDArray features) {
        Pointer firstImage = images.data().addressPointer();
        Pointer firstFeatures = features.data().addressPointer();
        long imageBytes = program.input().shape().elements() * Float.BYTES;
        long featureBytes = program.output().shape().elements() * Float.BYTES;
        int[] starts = new int[pieces.size()];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + pieces.get(i - 1).images();
        }
        IntConsumer work = i -> lanes.use(
                pieces.get(i).size().threads(),
                lane -> NativeResources.inScope(() -> {
                    lane.run(
                            pieces.get(i),
                            NativeResources.offset(firstImage, starts[i] * imageBytes),
                            NativeResources.offset(firstFeatures, starts[i] * featureBytes));
                    return lane;
                }));
        if (pieces.size() > 1 && pieces.get(0).size().threads() == 1) {
            Workers.run(pieces.size(), work);
        } else {
            IntStream.range(0, pieces.size()).forEach(work);
        }
    }

    @Override
    public void prepare(int images) {
        prepare(rule.forAnswer(images));
    }

    private void prepare(List<Piece> pieces) {
        new PackedWeights.Ahead(() -> makePlans(pieces)).start();
    }

    private void makePlans(List<Piece> pieces) {
        use.readLock().lock();
        try {
            if (!closed) {
                pieces.stream()
                        .map(Piece::size)
                        .distinct()
                        .forEach(size -> lanes.use(size.threads(), lane -> lane.prepare(size)));
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.debug("nothing was made ready, the first batch will say why", e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Whether a batch of so many images finds all made. */
    boolean isReadyFor(int images) {
        return rule.forAnswer(images).stream().allMatch(piece -> lanes.isReadyFor(piece.size()));
    }

    /** How many arenas there are, while nothing is computed. */
    int arenas() {
        return lanes.idle();
    }

    private Plan plan(Piece.Size size) {
        return PlanBuilder.build(library, program, precision, size.batch(), weights, algorithms);
    }

    private void check(INDArray images) {
        Shape wanted = program.input().shape();
        boolean fits = images.rank() == 4
                && images.size(0) > 0
                && Arrays.equals(images.shape(), wanted.withBatch(images.size(0)));
        if (!fits) {
            throw new IllegalArgumentException("images must be [N > 0, " + wanted.channels() + ", " + wanted.height()
                    + ", " + wanted.width() + "]: " + Arrays.toString(images.shape()));
        }
        if (images.dataType() != DataType.FLOAT) {
            throw new IllegalArgumentException("images must be FLOAT: " + images.dataType());
        }
    }

    /** Belongs to no workspace that may be open around us. */
    private static INDArray fresh(long[] shape) {
        return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape);
    }

    @Override
    public void close() {
        weights.stopAhead();
        use.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            lanes.close();
            weights.close();
        } finally {
            use.writeLock().unlock();
        }
    }

    /** The same network, whose pieces are all of one size, padded where images are missing. */
    private final class Passes implements Trunk {
        @Override
        public long[] featureShape() {
            return OneDnnTrunk.this.featureShape();
        }

        @Override
        public INDArray infer(INDArray images) {
            return OneDnnTrunk.this.infer(images, rule::forPass);
        }

        @Override
        public int batchesAtOnce(int images) {
            return rule.batchesAtOnce(images);
        }

        @Override
        public void prepare(int images) {
            OneDnnTrunk.this.prepare(rule.forPass(images));
        }

        @Override
        public String engine() {
            return OneDnnTrunk.this.engine() + ", pieces of "
                    + rule.forPass(1).get(0).size().batch();
        }

        @Override
        public Map<String, Algorithm> recordedAlgorithms() {
            return OneDnnTrunk.this.recordedAlgorithms();
        }

        @Override
        public void close() {
            OneDnnTrunk.this.close();
        }
    }
}
