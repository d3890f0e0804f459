package org.transfer4j.internal.tail;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.training.Optimizer;

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
    private final TrainingLoss loss;
    private final Descent descent;
    private final long seed;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Queue<DenseMemory> spareRooms = new ConcurrentLinkedQueue<>();
    private @Nullable DenseMemory memory;
    private int iteration;
    private int epoch;
    private boolean closed;

    DenseTail(List<DenseLayerShape> layers, Optimizer optimizer, TrainingLoss loss, long seed) {
        this.layers = layers;
        this.parameters = new DenseParameters(layers);
        this.network = new DenseNetwork(layers, parameters);
        this.loss = loss;
        this.descent = Descent.of(optimizer, layers, parameters);
        this.seed = seed;
    }

    @Override
    public StepResult train(Batch batch, double rate) {
        check(batch);
        batch.targets().forEach(target -> loss.require(target, network.classes()));
        Lock alone = lock.writeLock();
        alone.lock();
        try {
            requireOpen();
            return step(batch, rate);
        } finally {
            alone.unlock();
        }
    }

    private StepResult step(Batch batch, double rate) {
        DenseMemory room = room(batch.size());
        List<DropoutMask> masks = network.masks(seed, iteration);
        BatchLoss batchLoss = new BatchLoss(loss, batch);
        boolean startsLarge = network.startsLarge();
        if (startsLarge) {
            inPieces(batch.size(), (from, to) -> network.load(room, batch::copyValues, masks, from, to));
            network.start(room, batch.size());
        }
        inPieces(batch.size(), (from, to) -> {
            if (!startsLarge) {
                network.begin(room, batch::copyValues, masks, from, to);
            }
            network.forward(room, masks, from, to);
            batchLoss.derive(room.logits(), from, to);
            network.backward(room, masks, from, to);
        });
        descent.step(room.gradients(), batch.size(), new StepPoint(iteration, epoch, rate));
        iteration++;
        return batchLoss.result();
    }

    private DenseMemory room(int rows) {
        if (memory == null || memory.rows() < rows) {
            freeMemory();
            memory = DenseMemory.forTraining(layers, rows);
        }
        return memory;
    }

    @Override
    public INDArray probabilities(Batch batch) {
        check(batch);
        float[][] probabilities = new float[batch.size()][network.classes()];
        Lock shared = lock.readLock();
        shared.lock();
        try {
            requireOpen();
            inPieces(batch.size(), (from, to) -> predict(batch, from, to, probabilities));
        } finally {
            shared.unlock();
        }
        return Nd4j.createFromArray(probabilities);
    }

    private void predict(Batch batch, int from, int to, float[][] probabilities) {
        int count = to - from;
        DenseMemory room = spareRoom(count);
        try {
            DenseNetwork.Features features =
                    (row, first, end, target) -> batch.copyValues(from + row, first, end, target);
            List<DropoutMask> masks = network.noMasks();
            network.begin(room, features, masks, 0, count);
            network.forward(room, masks, 0, count);
            for (int i = 0; i < count; i++) {
                room.logits().read(i, probabilities[from + i]);
                loss.activate(probabilities[from + i]);
            }
        } finally {
            spareRooms.add(room);
        }
    }

    /** There are never more of them than workers. */
    private DenseMemory spareRoom(int rows) {
        DenseMemory room = spareRooms.poll();
        if (room != null && room.rows() >= rows) {
            return room;
        }
        if (room != null) {
            room.close();
        }
        return DenseMemory.forInference(layers, rows);
    }

    private void inPieces(int rows, Piece piece) {
        int size = network.rowsAtOnce(rows);
        Workers.run((rows + size - 1) / size, i -> piece.run(i * size, Math.min(rows, (i + 1) * size)));
    }

    /** Work on the rows [from, to). */
    private interface Piece {
        void run(int from, int to);
    }

    private void check(Batch batch) {
        if (batch.size() < 1 || batch.rowLength() != network.inputs()) {
            throw new IllegalArgumentException("features must be [n > 0, " + network.inputs() + "], got ["
                    + batch.size() + ", " + batch.rowLength() + "]");
        }
    }

    @Override
    public void endEpoch() {
        epoch++;
    }

    @Override
    public UpdaterState updaterState() {
        Lock alone = lock.writeLock();
        alone.lock();
        try {
            requireOpen();
            return new UpdaterState(iteration, epoch, UpdaterState.read(parameters.places(), descent.state()));
        } finally {
            alone.unlock();
        }
    }

    @Override
    public void restore(UpdaterState state) {
        Lock alone = lock.writeLock();
        alone.lock();
        try {
            requireOpen();
            state.write(parameters.places(), descent.state());
            iteration = state.iteration();
            epoch = state.epoch();
        } finally {
            alone.unlock();
        }
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
                spareRooms.forEach(DenseMemory::close);
                spareRooms.clear();
                descent.close();
                parameters.close();
            }
        } finally {
            alone.unlock();
        }
    }
}
