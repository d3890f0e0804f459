package org.transfer4j.internal.tail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;
import org.transfer4j.training.TrainingProgress;

/** Trains a tail for some epochs on examples that are read again in each of them, shuffled anew by the seed. */
public final class TailTrainer {
    private final Tail tail;
    private final Optimizer optimizer;
    private final TrainingLoss loss;
    private final int batchSize;
    private final long seed;
    private final FitListener listener;
    private final List<EpochRecord> records = new ArrayList<>();
    private final Snapshot good;
    private @Nullable EarlyStopping earlyStopping;
    private @Nullable Snapshot best;
    private @Nullable WeightAverage average;
    private EpochAction afterEpoch = last -> {};
    private double ratePart = 1;
    private int phase = 1;
    private long iteration;
    private boolean brokenOff;

    /** Prepares a training of a tail by the optimizer and loss that it was made with. */
    public TailTrainer(
            Tail tail, Optimizer optimizer, TrainingLoss loss, int batchSize, long seed, FitListener listener) {
        this.tail = tail;
        this.optimizer = optimizer;
        this.loss = loss;
        this.batchSize = batchSize;
        this.seed = seed;
        this.listener = listener;
        this.good = new Snapshot(tail.parameters());
    }

    /** Ends the training by a rule, and keeps the weights of its best epoch. */
    public TailTrainer stopping(EarlyStopping rule) {
        earlyStopping = rule;
        best = new Snapshot(tail.parameters());
        return this;
    }

    /** Keeps a moving average of the weights, which is what the tail has after each epoch and at the end. */
    public TailTrainer averaging(double decay) {
        average = new WeightAverage(tail.parameters(), decay);
        return this;
    }

    /** What is done when an epoch is over and everybody has heard of it. */
    public interface EpochAction {
        /**
         * Does it.
         *
         * @param last whether the training is complete
         */
        void run(boolean last);
    }

    /** Takes this part of the optimizer's learning rates. */
    public TailTrainer ratePart(double part) {
        ratePart = part;
        return this;
    }

    /** Sets what is done after each epoch. */
    public TailTrainer afterEpoch(EpochAction action) {
        afterEpoch = action;
        return this;
    }

    /**
     * Goes on where a training of the same images and batches was: epochs and steps are counted on from there, but the
     * epochs of earlier phases are not counted among those that {@link #train} is told.
     */
    public TailTrainer after(TrainingHistory earlier, int phase) {
        records.clear();
        records.addAll(earlier.epochs());
        iteration = earlier.last().map(EpochRecord::iterations).orElse(0L);
        this.phase = phase;
        if (average != null && hasBegunPhase()) {
            average.resume();
        }
        return this;
    }

    /**
     * Whether it ended within an epoch: the weights are those before that epoch then, but the updater remembers its steps, maybe
     * one that diverged.
     */
    public boolean isBrokenOff() {
        return brokenOff;
    }

    /** The number of the phase. */
    public int phase() {
        return phase;
    }

    /** The weights of the best epoch, not copied; empty without early stopping. */
    public Map<String, Map<String, INDArray>> bestParameters() {
        return best == null ? Map.of() : best.copies();
    }

    /** The weights that learning goes on with after an epoch, not copied; empty where the tail's own are these. */
    public Map<String, Map<String, INDArray>> unaveragedParameters() {
        return average == null ? Map.of() : average.weights();
    }

    /**
     * Trains.
     *
     * @throws EarlyEnd if the loss or a weight is no longer a number, or the thread was interrupted; the tail then has
     *     the weights of the end of the last good epoch
     */
    public TrainingHistory train(Examples examples, @Nullable Examples validation, int epochs) {
        int before =
                (int) records.stream().filter(record -> record.phase() < phase).count();
        int last = before + epochs;
        @Nullable CancellationException end = null;
        for (int epoch = records.size() + 1; epoch <= last && !isStopped(); epoch++) {
            good.take();
            try {
                records.add(epoch(epoch, last, before, examples, validation));
            } catch (RuntimeException e) {
                good.restore();
                brokenOff = true;
                throw Interruption.caused(e) ? cancelled(epoch, e) : e;
            }
            EpochRecord done = records.get(epoch - 1);
            if (best != null && bestEpoch().filter(done::equals).isPresent()) {
                best.take();
            }
            end = tell(done);
            boolean complete = epoch == last || isStopped();
            keep(epoch, complete);
            if (end != null && !complete) {
                throw cancelled(epoch, end);
            }
        }
        if (best != null && bestEpoch().isPresent()) {
            best.restore();
        }
        if (end != null) {
            throw EarlyEnd.afterPhase(end);
        }
        return history();
    }

    /** What is kept after this epoch is kept even where a listener wants it to be the last. */
    private @Nullable CancellationException tell(EpochRecord done) {
        try {
            listener.epochFinished(done);
            return null;
        } catch (CancellationException e) {
            return e;
        }
    }

    private void keep(int epoch, boolean complete) {
        try {
            afterEpoch.run(complete);
        } catch (RuntimeException e) {
            throw EarlyEnd.unsaved(epoch, e);
        }
    }

    private boolean isStopped() {
        return earlyStopping != null && hasBegunPhase() && earlyStopping.stops(history());
    }

    /** Whether the phase has completed an epoch. */
    private boolean hasBegunPhase() {
        return !records.isEmpty() && records.get(records.size() - 1).phase() == phase;
    }

    private Optional<EpochRecord> bestEpoch() {
        return earlyStopping != null && hasBegunPhase() ? earlyStopping.best(history()) : Optional.empty();
    }

    /** The epochs completed so far. */
    public TrainingHistory history() {
        return TrainingHistory.of(records);
    }

    private EpochRecord epoch(int epoch, int last, int before, Examples examples, @Nullable Examples validation) {
        if (average != null) {
            average.hide();
        }
        listener.epochStarted(epoch, last, examples.size());
        // dropout on DL4J asks ND4J's generator; each epoch starts it anew, so that a resumed training drops the same
        Nd4j.getRandom().setSeed(RandomStreams.of(seed, -epoch).nextLong());
        long start = System.nanoTime();
        long steps = ((long) examples.size() + batchSize - 1) / batchSize;
        // a schedule is that of a phase
        long stepsBefore = before == 0 ? 0 : records.get(before - 1).iterations();
        List<Double> past = monitoredLosses();
        double losses = 0;
        double correct = 0;
        long seen = 0;
        double rate = Double.NaN;
        int[] order = RandomStreams.shuffled(examples.size(), RandomStreams.of(seed, epoch));
        try (BatchStream batches = examples.inEpoch(epoch).batches(order, batchSize)) {
            while (batches.hasNext()) {
                Interruption.check("epoch " + epoch);
                Batch batch = batches.next();
                rate = ratePart
                        * optimizer.learningRate(
                                new TrainingProgress(iteration - stepsBefore, steps, last - before, past));
                Tail.StepResult step = tail.train(batch, rate);
                iteration++;
                if (average != null) {
                    average.add();
                }
                if (!Double.isFinite(step.loss())) {
                    throw EarlyEnd.diverged("the loss became " + step.loss() + " at step " + iteration + " (epoch "
                            + epoch + ", learning rate " + rate + "); take a smaller learning rate or check the data");
                }
                losses += step.loss() * batch.size();
                correct += step.correct();
                seen += batch.size();
                listener.batchFinished(iteration, seen, step.loss());
            }
        }
        requireFiniteWeights(epoch, rate);
        tail.endEpoch();
        if (average != null) {
            average.show();
        }
        double trainingSeconds = Math.max(1, System.nanoTime() - start) / 1e9;
        EpochRecord.Builder figures = EpochRecord.builder(epoch)
                .phase(phase)
                .iterations(iteration)
                .training(losses / seen, correct / seen)
                .learningRate(rate);
        if (validation != null) {
            Scores scores = Scores.of(tail, loss, validation, batchSize);
            figures.validation(scores.loss(), scores.accuracy());
        }
        return figures.timing(Duration.ofNanos(System.nanoTime() - start), seen / trainingSeconds)
                .build();
    }

    private List<Double> monitoredLosses() {
        return records.stream()
                .filter(record -> record.phase() == phase)
                .map(record -> record.validationLoss().orElse(record.loss()))
                .toList();
    }

    private void requireFiniteWeights(int epoch, double rate) {
        tail.parameters()
                .forEach((layer, parameters) -> parameters.forEach((name, value) -> {
                    double sum = value.sumNumber().doubleValue();
                    if (!Double.isFinite(sum)) {
                        throw EarlyEnd.diverged(
                                "the weights " + name + " of " + layer + " sum to " + sum + " after step "
                                        + iteration + " (epoch " + epoch + ", learning rate " + rate
                                        + "); take a smaller learning rate or check the data");
                    }
                }));
    }

    private EarlyEnd cancelled(int epoch, Throwable cause) {
        return EarlyEnd.cancelled(EarlyEnd.who(cause) + " in epoch " + epoch + ", after step " + iteration, cause);
    }

    /**
     * How well a tail does on some examples.
     *
     * @param loss the mean loss, each class counting alike; probabilities are clipped at 1e-7, as in Keras
     * @param accuracy the fraction classified right, of the images or, where they have several labels, of images and classes
     */
    private record Scores(double loss, double accuracy) {
        private static final double SMALLEST = 1e-7;

        static Scores of(Tail tail, TrainingLoss measure, Examples examples, int batchSize) {
            TrainingLoss unweighted = measure.unweighted();
            double loss = 0;
            double correct = 0;
            int[] inOrder = IntStream.range(0, examples.size()).toArray();
            try (BatchStream batches = examples.batches(inOrder, batchSize)) {
                while (batches.hasNext()) {
                    Batch batch = batches.next();
                    try (INDArray probabilities = tail.probabilities(batch)) {
                        float[] values = probabilities.dup('c').data().asFloat();
                        int classes = values.length / batch.size();
                        for (int i = 0; i < batch.size(); i++) {
                            Target actual = batch.targets().get(i);
                            float[] row = Arrays.copyOfRange(values, i * classes, (i + 1) * classes);
                            loss += unweighted.of(row, actual, SMALLEST);
                            correct += unweighted.hitsOfProbabilities(row, actual);
                        }
                    }
                }
            }
            return new Scores(loss / examples.size(), correct / examples.size());
        }
    }

    /** A copy of parameters to go back to; its memory is used again by each {@link #take()}. */
    static final class Snapshot {
        private final Map<String, Map<String, INDArray>> parameters;
        private final Map<String, Map<String, INDArray>> copies = new LinkedHashMap<>();

        Snapshot(Map<String, Map<String, INDArray>> parameters) {
            this.parameters = parameters;
            parameters.forEach((layer, values) -> {
                Map<String, INDArray> copied = new LinkedHashMap<>();
                values.forEach((name, value) -> copied.put(name, value.dup()));
                copies.put(layer, copied);
            });
        }

        void take() {
            ParameterValues.copy(parameters, copies);
        }

        void restore() {
            ParameterValues.copy(copies, parameters);
        }

        /** The copies themselves, by layer and name. */
        Map<String, Map<String, INDArray>> copies() {
            return copies;
        }
    }
}
