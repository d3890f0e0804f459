package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.engine.onednn.OneDnnBody;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.DenseNetwork.Memory;
import org.transfer4j.internal.thread.Workers;

/**
 * A tail on oneDNN: layers on images, if there are any, as one program, and fully connected layers on what it gives.
 *
 * <p>Where there are fully connected layers alone, a step passes over the features twice: once for the layers' outputs, once
 * for the gradient. With plain gradient descent the second pass goes right into the weights.
 *
 * <p>The numbers are the same each time on the same machine: who does which piece of work is left to chance, how the
 * work is cut is not.
 */
public final class OneDnnTail implements Tail {
    private final List<DenseChain.Layer> layers;
    private final ParameterRow parameters;
    private final String features;
    private final Descent descent;
    private final DenseNetwork network;
    private final @Nullable OneDnnBody body;
    private final TailSettings settings;
    private final List<Penalty> penalties = new ArrayList<>();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Queue<Memory> spareRooms = new ConcurrentLinkedQueue<>();
    private @Nullable Memory memory;
    private @Nullable StepListener heard;
    private int iteration;
    private int epoch;
    private boolean closed;

    /** Hears of each step. */
    public interface StepListener {
        /**
         * The gradients of a step are known, which is still to be taken.
         *
         * @param images what the tail reads
         * @param activations by layer: what the dense ones read, and what all but the last of them give
         * @param iteration how many steps were done before
         * @param epoch how many epochs were completed before
         */
        void gradientsKnown(INDArray images, Map<String, INDArray> activations, double loss, int iteration, int epoch);

        /** The step is taken. */
        void stepTaken(int iteration, int epoch);

        /** An epoch is completed. */
        void epochEnded();
    }

    /** What DL4J's layers add to the loss. */
    private record Penalty(INDArray parameters, Regularization regularization) {}

    /**
     * Builds a tail with all parameters zero; the caller fills them.
     *
     * @param network from what one image has at the cut to probabilities
     * @throws UnsupportedGraphException if a layer can't be trained here; the message names it
     */
    public static OneDnnTail of(Network network, TailSettings settings) {
        DenseChain chain = new DenseChain(network);
        if (chain.layers().isEmpty()) {
            throw new UnsupportedGraphException("it does not end in dense layers that are known");
        }
        chain.requireKnownTraining();
        ParameterRow.Layout layout = new ParameterRow.Layout(network, chain.layers(), settings.rateParts());
        ParameterRow parameters = new ParameterRow(layout);
        boolean heard = !settings.listeners().isEmpty();
        Descent descent = null;
        try {
            descent = Descent.of(settings.optimizer(), parameters, chain.isWhole() && !heard);
            OneDnnBody body =
                    chain.isWhole() ? null : body(network, chain.features(), parameters, descent.gradients(), settings);
            return new OneDnnTail(parameters, chain.features(), descent, body, settings);
        } catch (RuntimeException | Error e) {
            if (descent != null) {
                descent.close();
            }
            parameters.close();
            throw e;
        }
    }

    /** The layers below the dense ones, which read and write where the tail keeps its parameters. */
    private static OneDnnBody body(
            Network network, String last, ParameterRow parameters, ParameterRow gradients, TailSettings settings) {
        if (!network.inputShape().isImage()) {
            throw new UnsupportedGraphException(
                    "there are other layers than dense ones on " + network.inputShape() + ", no images");
        }
        return OneDnnBody.compile(
                network,
                last,
                new OneDnnBody.Parameters(
                        ParameterValues.of(network, parameters.byName()),
                        ParameterValues.of(network, gradients.byName())),
                settings.batchStatistics(),
                settings.seed(),
                settings.precision());
    }

    /** Lets somebody hear of all steps to come, of a tail whose settings have listeners. */
    public void setHeard(StepListener listener) {
        heard = listener;
    }

    /** The gradients of all parameters, kept as these are, not copied, of a tail whose settings have listeners. */
    public Map<String, Map<String, INDArray>> gradients() {
        return descent.gradients().byName();
    }

    private OneDnnTail(
            ParameterRow parameters,
            String features,
            Descent descent,
            @Nullable OneDnnBody body,
            TailSettings settings) {
        this.parameters = parameters;
        this.features = features;
        this.layers = parameters.layout().dense();
        this.descent = descent;
        this.body = body;
        this.network = new DenseNetwork(parameters);
        this.settings = settings;
        for (ParameterRow.Segment segment : parameters.segments()) {
            INDArray values = parameters.range(segment.from(), segment.to());
            segment.regularization().forEach(regularization -> penalties.add(new Penalty(values, regularization)));
        }
    }

    @Override
    public StepResult train(Batch batch, double rate) {
        check(batch);
        batch.targets().forEach(target -> settings.loss().require(target, network.classes()));
        return whileOpen(lock.writeLock(), () -> step(batch, rate));
    }

    private StepResult step(Batch batch, double rate) {
        Batch features = features(batch, true);
        Memory room = room(batch.size());
        List<DropoutMask> masks = network.masks(settings.seed(), iteration);
        BatchLoss batchLoss = new BatchLoss(settings.loss(), batch);
        boolean startsLarge = network.startsLarge();
        if (startsLarge) {
            inPieces(batch.size(), (from, to) -> network.load(room, features::copyValues, masks, from, to));
            network.start(room, batch.size());
        }
        inPieces(batch.size(), (from, to) -> {
            if (!startsLarge) {
                network.begin(room, features::copyValues, masks, from, to);
            }
            network.forward(room, masks, from, to);
            batchLoss.derive(room.logits(), from, to);
            network.backward(room, masks, from, to);
        });
        Matrix featuresDelta = room.inputDelta(0);
        if (body != null && featuresDelta != null) {
            body.backward(featuresDelta.at(0, 0));
        }
        StepResult seen = batchLoss.result();
        StepResult result = new StepResult(seen.loss() + regularization(), seen.correct());
        Descent.StepPoint point = new Descent.StepPoint(iteration, epoch, rate);
        StepListener listener = heard;
        if (listener == null) {
            descent.step(room.gradients(), batch.size(), point, () -> {});
        } else {
            descent.step(
                    room.gradients(),
                    batch.size(),
                    point,
                    () -> listener.gradientsKnown(
                            batch.features(), activations(features.features(), room), result.loss(), iteration, epoch));
            listener.stepTaken(iteration, epoch);
        }
        iteration++;
        return result;
    }

    private Map<String, INDArray> activations(INDArray read, Memory room) {
        Map<String, INDArray> activations = new LinkedHashMap<>(Map.of(features, read));
        for (int layer = 0; layer + 1 < layers.size(); layer++) {
            activations.put(
                    layers.get(layer).name(), room.output(layer).values().copy((int) read.size(0)));
        }
        return activations;
    }

    private double regularization() {
        return penalties.stream()
                .mapToDouble(penalty -> penalty.regularization().score(penalty.parameters(), iteration, epoch))
                .sum();
    }

    /** What the dense layers read. */
    private Batch features(Batch batch, boolean training) {
        if (body == null) {
            return batch;
        }
        INDArray features = training ? body.forward(batch.features(), iteration) : body.answer(batch.features());
        return new Batch(features, batch.targets());
    }

    private Memory room(int rows) {
        if (memory == null || memory.rows() < rows) {
            freeMemory();
            memory = Memory.forTraining(layers, rows, body != null);
        }
        return memory;
    }

    @Override
    public INDArray probabilities(Batch batch) {
        check(batch);
        float[][] probabilities = new float[batch.size()][network.classes()];
        // the program on images has room for one batch at a time
        Lock own = body == null ? lock.readLock() : lock.writeLock();
        return whileOpen(own, () -> {
            Batch features = features(batch, false);
            inPieces(batch.size(), (from, to) -> predict(features, from, to, probabilities));
            return Nd4j.createFromArray(probabilities);
        });
    }

    private void predict(Batch batch, int from, int to, float[][] probabilities) {
        int count = to - from;
        Memory room = spareRoom(count);
        try {
            DenseNetwork.Features features =
                    (row, first, end, target) -> batch.copyValues(from + row, first, end, target);
            List<DropoutMask> masks = network.noMasks();
            network.begin(room, features, masks, 0, count);
            network.forward(room, masks, 0, count);
            for (int i = 0; i < count; i++) {
                room.logits().read(i, probabilities[from + i]);
                settings.loss().activate(probabilities[from + i]);
            }
        } finally {
            spareRooms.add(room);
        }
    }

    /** There are never more of them than workers. */
    private Memory spareRoom(int rows) {
        Memory room = spareRooms.poll();
        if (room != null && room.rows() >= rows) {
            return room;
        }
        if (room != null) {
            room.close();
        }
        return Memory.forInference(layers, rows);
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
        if (body == null && (batch.size() < 1 || batch.rowLength() != network.inputs())) {
            throw new IllegalArgumentException("features must be [n > 0, " + network.inputs() + "], got ["
                    + batch.size() + ", " + batch.rowLength() + "]");
        }
    }

    @Override
    public void endEpoch() {
        if (heard != null) {
            heard.epochEnded();
        }
        epoch++;
    }

    @Override
    public UpdaterState updaterState() {
        return whileOpen(
                lock.writeLock(),
                () -> new UpdaterState(iteration, epoch, UpdaterState.read(parameters.places(), descent.state())));
    }

    @Override
    public void restore(UpdaterState state) {
        whileOpen(lock.writeLock(), () -> {
            state.write(parameters.places(), descent.state());
            iteration = state.iteration();
            epoch = state.epoch();
            return state;
        });
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        return whileOpen(lock.readLock(), parameters::byName);
    }

    private <T> T whileOpen(Lock held, Supplier<T> work) {
        held.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tail is closed");
            }
            return work.get();
        } finally {
            held.unlock();
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
                spareRooms.forEach(Memory::close);
                spareRooms.clear();
                if (body != null) {
                    body.close();
                }
                descent.close();
                parameters.close();
            }
        } finally {
            alone.unlock();
        }
    }

    /** The loss of one batch. Rows may be worked on in any order and at once; the sum is always made in the same one. */
    private static final class BatchLoss {
        private final TrainingLoss loss;
        private final List<Target> targets;
        private final double[] losses;
        private final double[] hits;

        BatchLoss(TrainingLoss loss, Batch batch) {
            this.loss = loss;
            targets = batch.targets();
            losses = new double[targets.size()];
            hits = new double[targets.size()];
        }

        /** Notes the loss of the rows [from, to) of logits, and puts the mean loss' derivatives in their place. */
        void derive(Matrix logits, int from, int to) {
            float[] row = new float[logits.columns()];
            for (int i = from; i < to; i++) {
                logits.read(i, row);
                losses[i] = derive(i, row);
                logits.write(i, row);
            }
        }

        /** The loss of a row of logits, which become its derivatives. */
        private double derive(int i, float[] row) {
            Target target = targets.get(i);
            hits[i] = loss.hits(row, target);
            loss.activate(row);
            double value = loss.of(row, target, TrainingLoss.SMALLEST);
            loss.derive(row, target, 1f / targets.size());
            return value;
        }

        Tail.StepResult result() {
            return new Tail.StepResult(
                    DoubleStream.of(losses).sum() / losses.length,
                    DoubleStream.of(hits).sum());
        }
    }
}
