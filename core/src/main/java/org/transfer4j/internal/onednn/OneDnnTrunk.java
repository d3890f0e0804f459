package org.transfer4j.internal.onednn;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.Algorithm;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.ArrayLayout;
import org.transfer4j.internal.trunk.Trunk;

/**
 * A frozen graph as a chain of oneDNN primitives.
 *
 * <p>Threads take turns: one run uses all cores, and one arena is enough for all. Memory, for VGG16: the plain weights on
 * the heap (59 MB), packed weights for batches (Winograd's, 235 MB) and for single images (as much again) once they are
 * used, and an arena of about 220 MB at 224x224; large batches are cut so that no step reads and writes more than
 * {@value #WIDEST_STEP_BYTES} bytes, where larger pieces are no faster.
 *
 * <p>The same batch gives the same bits, in every run and every trunk, as long as oneDNN's version, the CPU and the number
 * of threads ({@link NativeThreads}) stay the same: oneDNN splits sums by cache sizes and threads. Between those, and between batch sizes,
 * features agree to about 1e-6.
 */
public final class OneDnnTrunk implements Trunk {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnnTrunk.class);
    private static final long WIDEST_STEP_BYTES = 256L << 20;

    /** How many images a prediction computes at once, and how many a pass over a dataset. */
    private static final List<Integer> MEASURED_IMAGES = List.of(1, 32);

    private final OneDnn.Library library;
    private final Program program;
    private final Precision precision;
    private final Map<String, Algorithm> recordedAlgorithms;
    private final int largestBatch;
    private final int threads;
    private final PackedWeights weights;
    private final Workspace workspace;
    private final NativeResources resources = new NativeResources();
    private final stream order;
    private final Map<Integer, Plan> plans = new HashMap<>();
    private final Lock turn = new ReentrantLock();
    private boolean closed;

    private OneDnnTrunk(OneDnn.Library library, Program program, Precision precision, AlgorithmChoices algorithms) {
        this.library = library;
        this.program = program;
        this.precision = precision;
        this.largestBatch = largestBatch(program);
        this.threads = NativeThreads.count();
        this.recordedAlgorithms = algorithms.measured() && precision == Precision.FLOAT32
                ? measured(algorithms.recorded())
                : algorithms.recorded();
        this.weights = new PackedWeights(library.cpu());
        this.workspace = new Workspace(library.cpu());
        this.order = resources.own(new stream(library.cpu()));
    }

    /**
     * Compiles a graph. Its weights are copied: later changes of the graph change nothing here.
     *
     * @param frozen an initialised graph with one input [N, C, H, W] and one output
     * @param inputShape C, H, W
     * @param precision in what it computes, where oneDNN has a primitive for it
     * @param algorithms what it computes convolutions with; in bfloat16 there is but one algorithm
     * @return the trunk, for the caller to close
     * @throws UnsupportedGraphException if a part of the graph is not compiled here; the message names it
     * @throws IllegalStateException if {@link OneDnn#supports} says no
     */
    public static OneDnnTrunk compile(
            ComputationGraph frozen, long[] inputShape, Precision precision, AlgorithmChoices algorithms)
            throws UnsupportedGraphException {
        if (inputShape.length != 3) {
            throw new IllegalArgumentException(
                    "the input shape must be channels, height, width: " + Arrays.toString(inputShape));
        }
        ImageShape image = new ImageShape(
                Math.toIntExact(inputShape[0]), Math.toIntExact(inputShape[1]), Math.toIntExact(inputShape[2]));
        OneDnn.Library library = OneDnn.library();
        if (!OneDnn.supports(precision)) {
            throw new IllegalStateException(
                    precision + " is not in the hardware of this CPU: " + library.instructionSet());
        }
        Program program = Fusion.fuse(GraphReader.read(frozen, image));
        try {
            PlanBuilder.check(
                    library,
                    program,
                    precision,
                    new RecordedAlgorithms(library.instructionSet(), algorithms.recorded()));
        } catch (RuntimeException cause) {
            throw new UnsupportedGraphException("oneDNN has no primitive for a layer: " + cause.getMessage(), cause);
        }
        return new OneDnnTrunk(library, program, precision, algorithms);
    }

    /** The same with the table's algorithms. */
    static OneDnnTrunk compile(ComputationGraph frozen, long[] inputShape, Precision precision)
            throws UnsupportedGraphException {
        return compile(frozen, inputShape, precision, AlgorithmChoices.TABLE);
    }

    private Map<String, Algorithm> measured(Map<String, Algorithm> known) {
        List<Integer> batches = MEASURED_IMAGES.stream()
                .flatMap(images -> Piece.of(images, largestBatch).stream())
                .map(Piece::batch)
                .distinct()
                .toList();
        return NativeThreads.with(threads, () -> AlgorithmMeasurement.complete(library, program, batches, known));
    }

    @Override
    public Map<String, Algorithm> recordedAlgorithms() {
        return Map.copyOf(recordedAlgorithms);
    }

    private static int largestBatch(Program program) {
        long fitting = WIDEST_STEP_BYTES / program.widestStepBytes();
        return Piece.BATCHES.stream()
                .filter(size -> size <= fitting)
                .reduce((smaller, larger) -> larger)
                .orElse(1);
    }

    @Override
    public long[] featureShape() {
        return program.output().featureShape();
    }

    @Override
    public String engine() {
        Map<String, Algorithm> deviations = algorithms().deviations(program);
        return "oneDNN " + library.version() + " " + library.instructionSet() + " " + precision + ", threads: "
                + threads + (deviations.isEmpty() ? "" : ", " + deviations);
    }

    @Override
    public INDArray infer(INDArray images) {
        check(images);
        long count = images.size(0);
        INDArray source = ArrayLayout.isContiguous(images)
                ? images
                : fresh(images.shape()).assign(images);
        INDArray features = fresh(batchOf(count, featureShape()));
        turn.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the trunk is closed");
            }
            NativeThreads.with(threads, () -> NativeScope.call(() -> run(source, features)));
        } finally {
            turn.unlock();
            Reference.reachabilityFence(source);
            Reference.reachabilityFence(features);
        }
        return features;
    }

    @Override
    public void prepare(int images) {
        Thread packing = new Thread(() -> makePlans(images), "transfer4j-pack");
        packing.setDaemon(true);
        packing.start();
    }

    private void makePlans(int images) {
        turn.lock();
        try {
            if (!closed) {
                NativeThreads.with(
                        threads,
                        () -> NativeScope.call(() -> {
                            Piece.of(images, largestBatch).forEach(piece -> plan(piece.batch()));
                            return null;
                        }));
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.debug("nothing was made ready, the first batch will say why", e);
        } finally {
            turn.unlock();
        }
    }

    /** Whether a batch of so many images finds all made. */
    boolean isReadyFor(int images) {
        turn.lock();
        try {
            return Piece.of(images, largestBatch).stream().allMatch(piece -> plans.containsKey(piece.batch()));
        } finally {
            turn.unlock();
        }
    }

    private Plan plan(int batch) {
        return plans.computeIfAbsent(
                batch, size -> PlanBuilder.build(library, program, precision, size, weights, algorithms()));
    }

    private RecordedAlgorithms algorithms() {
        return new RecordedAlgorithms(library.instructionSet(), recordedAlgorithms);
    }

    private INDArray run(INDArray images, INDArray features) {
        Pointer nextImages = images.data().addressPointer();
        Pointer nextFeatures = features.data().addressPointer();
        long imageBytes = program.input().shape().elements() * Float.BYTES;
        long featureBytes = program.output().shape().elements() * Float.BYTES;
        for (Piece piece : Piece.of(images.size(0), largestBatch)) {
            Plan plan = plan(piece.batch());
            Pointer arena = workspace.reserve(plan.arenaBytes());
            plan.run(order, arena, nextImages, nextFeatures, piece.images());
            nextImages = Addresses.offset(nextImages, piece.images() * imageBytes);
            nextFeatures = Addresses.offset(nextFeatures, piece.images() * featureBytes);
        }
        return features;
    }

    private void check(INDArray images) {
        ImageShape wanted = program.input().shape();
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

    private static long[] batchOf(long count, long[] shape) {
        long[] dimensions = new long[shape.length + 1];
        dimensions[0] = count;
        System.arraycopy(shape, 0, dimensions, 1, shape.length);
        return dimensions;
    }

    @Override
    public void close() {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            plans.values().forEach(Plan::close);
            plans.clear();
            workspace.close();
            weights.close();
            resources.close();
        } finally {
            turn.unlock();
        }
    }
}
