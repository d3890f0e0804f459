package org.transfer4j.internal.tail;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A tail of fully connected layers alone, which passes over the features twice a step: once for the layers' outputs,
 * once for the gradient. With plain gradient descent the second pass goes right into the weights.
 *
 * <p>The numbers are the same each time on the same machine: who does which piece of work is left to chance, how the
 * work is cut is not.
 */
final class DenseTail implements Tail {
    private final List<DenseLayerShape> layers;
    private final DenseParameters parameters;
    private final DenseNetwork network;
    private final IUpdater updater;
    private final Descent descent;
    private final long seed;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable DenseMemory memory;
    private int iteration;
    private int epoch;
    private boolean closed;

    DenseTail(List<DenseLayerShape> layers, IUpdater updater, long seed) {
        this.layers = layers;
        this.parameters = new DenseParameters(layers);
        this.network = new DenseNetwork(layers, parameters);
        this.updater = updater.clone();
        this.descent = Descent.of(this.updater, layers, parameters);
        this.seed = seed;
    }

    @Override
    public StepResult train(INDArray features, int[] classIndices) {
        INDArray plain = plain(features);
        check(plain, classIndices);
        Lock alone = lock.writeLock();
        alone.lock();
        try {
            requireOpen();
            return step(Matrix.of(plain), classIndices);
        } finally {
            alone.unlock();
            Reference.reachabilityFence(plain);
        }
    }

    private StepResult step(Matrix features, int[] classIndices) {
        int rows = classIndices.length;
        DenseMemory room = room(rows);
        Matrix input = room.input(features);
        List<Matrix> values = room.values(input);
        List<DropoutMask> masks = network.masks(seed, iteration);
        BatchLoss loss = new BatchLoss(classIndices);
        inPieces(rows, (from, to) -> {
            drop(features, input, masks.get(0), from, to);
            network.forward(values, masks, from, to);
            loss.derive(values.get(layers.size()), from, to);
            network.backward(values, room.deltas(), masks, from, to);
        });
        descent.step(room.gradients(input), rows, iteration, epoch);
        iteration++;
        return loss.result();
    }

    private DenseMemory room(int rows) {
        if (memory == null || memory.rows() < rows) {
            freeMemory();
            memory = DenseMemory.forTraining(layers, rows);
        }
        return memory;
    }

    private static void drop(Matrix features, Matrix input, DropoutMask mask, int from, int to) {
        if (mask.keepsAll()) {
            return;
        }
        float[] row = new float[features.columns()];
        for (int i = from; i < to; i++) {
            features.read(i, row);
            mask.apply(i, row);
            input.write(i, row);
        }
    }

    @Override
    public INDArray probabilities(INDArray features) {
        INDArray plain = plain(features);
        int rows = Math.toIntExact(plain.size(0));
        float[][] probabilities = new float[rows][network.classes()];
        Lock shared = lock.readLock();
        shared.lock();
        try (DenseMemory room = DenseMemory.forInference(layers, rows)) {
            requireOpen();
            List<Matrix> values = room.values(Matrix.of(plain));
            inPieces(rows, (from, to) -> {
                network.forward(values, network.noMasks(), from, to);
                for (int i = from; i < to; i++) {
                    values.get(layers.size()).read(i, probabilities[i]);
                    SoftmaxCrossEntropy.softmax(probabilities[i]);
                }
            });
        } finally {
            shared.unlock();
            Reference.reachabilityFence(plain);
        }
        return Nd4j.createFromArray(probabilities);
    }

    private void inPieces(int rows, Piece piece) {
        int size = network.rowsAtOnce(rows);
        Workers.run((rows + size - 1) / size, i -> piece.run(i * size, Math.min(rows, (i + 1) * size)));
    }

    /** Work on the rows [from, to). */
    private interface Piece {
        void run(int from, int to);
    }

    /** The features in C order, copied only where they are not. */
    private INDArray plain(INDArray features) {
        if (features.rank() != 2 || features.size(0) < 1 || features.size(1) != network.inputs()) {
            throw new IllegalArgumentException(
                    "features must be [n > 0, " + network.inputs() + "], got " + Arrays.toString(features.shape()));
        }
        boolean isPlain = features.dataType() == DataType.FLOAT
                && features.ordering() == 'c'
                && Shape.hasDefaultStridesForShape(features);
        return isPlain ? features : features.castTo(DataType.FLOAT).dup('c');
    }

    private void check(INDArray features, int[] classIndices) {
        if (features.size(0) != classIndices.length) {
            throw new IllegalArgumentException(
                    features.size(0) + " rows of features, but " + classIndices.length + " classes");
        }
        int classes = network.classes();
        IntStream.of(classIndices)
                .filter(index -> index < 0 || index >= classes)
                .findFirst()
                .ifPresent(index -> {
                    throw new IllegalArgumentException(
                            "a class must be at least 0 and less than " + classes + ", got " + index);
                });
    }

    @Override
    public double learningRate() {
        return updater.hasLearningRate() ? updater.getLearningRate(iteration, epoch) : Double.NaN;
    }

    @Override
    public void endEpoch() {
        epoch++;
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        Lock shared = lock.readLock();
        shared.lock();
        try {
            requireOpen();
            return parameters.byName();
        } finally {
            shared.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the tail is closed");
        }
    }

    private void freeMemory() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    @Override
    public void close() {
        Lock alone = lock.writeLock();
        alone.lock();
        try {
            if (!closed) {
                closed = true;
                freeMemory();
                descent.close();
                parameters.close();
            }
        } finally {
            alone.unlock();
        }
    }
}
