package org.transfer4j.internal.tail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.Interruption;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.TrainingHistory;

/** Trains a tail for some epochs on examples that are read again in each of them, shuffled anew by the seed. */
public final class TailTrainer {
    private final Tail tail;
    private final int batchSize;
    private final long seed;
    private final FitListener listener;
    private final List<EpochRecord> records = new ArrayList<>();
    private long iteration;

    /** Prepares a training. */
    public TailTrainer(Tail tail, int batchSize, long seed, FitListener listener) {
        this.tail = tail;
        this.batchSize = batchSize;
        this.seed = seed;
        this.listener = listener;
    }

    /**
     * Trains.
     *
     * @throws EarlyEnd if the loss or a weight is no longer a number, or the thread was interrupted; the tail then has
     *     the weights of the end of the last good epoch
     */
    public TrainingHistory train(Examples examples, @Nullable Examples validation, int epochs) {
        Snapshot good = new Snapshot(tail.parameters());
        for (int epoch = 1; epoch <= epochs; epoch++) {
            good.take();
            try {
                records.add(epoch(epoch, epochs, examples, validation));
            } catch (RuntimeException e) {
                good.restore();
                throw Interruption.caused(e) ? cancelled(epoch, e) : e;
            }
            listener.epochFinished(records.get(epoch - 1));
        }
        return history();
    }

    /** The epochs completed so far. */
    public TrainingHistory history() {
        return TrainingHistory.of(records);
    }

    private EpochRecord epoch(int epoch, int epochs, Examples examples, @Nullable Examples validation) {
        listener.epochStarted(epoch, epochs, examples.size());
        long start = System.nanoTime();
        double loss = 0;
        long correct = 0;
        long seen = 0;
        double rate = Double.NaN;
        try (BatchStream batches = examples.inEpoch(epoch).batches(order(examples.size(), epoch), batchSize)) {
            while (batches.hasNext()) {
                requireNotInterrupted(epoch);
                Batch batch = batches.next();
                rate = tail.learningRate();
                Tail.StepResult step = tail.train(batch);
                iteration++;
                if (!Double.isFinite(step.loss())) {
                    throw EarlyEnd.diverged("the loss became " + step.loss() + " at step " + iteration + " (epoch "
                            + epoch + ", learning rate " + rate + "); take a smaller learning rate or check the data");
                }
                loss += step.loss() * batch.size();
                correct += step.correct();
                seen += batch.size();
                listener.batchFinished(iteration, seen, step.loss());
            }
        }
        requireFiniteWeights(epoch, rate);
        tail.endEpoch();
        double trainingSeconds = secondsSince(start);
        EpochRecord.Builder figures = EpochRecord.builder(epoch)
                .iterations(iteration)
                .training(loss / seen, (double) correct / seen)
                .learningRate(rate);
        if (validation != null) {
            Scores scores = Scores.of(tail, validation, batchSize);
            figures.validation(scores.loss(), scores.accuracy());
        }
        return figures.timing(Duration.ofNanos(System.nanoTime() - start), seen / trainingSeconds)
                .build();
    }

    private static double secondsSince(long start) {
        return Math.max(1, System.nanoTime() - start) / 1e9;
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

    private void requireNotInterrupted(int epoch) {
        if (Thread.currentThread().isInterrupted()) {
            throw cancelled(epoch, null);
        }
    }

    private EarlyEnd cancelled(int epoch, @Nullable Throwable cause) {
        return EarlyEnd.cancelled(
                "the training thread was interrupted in epoch " + epoch + ", after step " + iteration, cause);
    }

    private int[] order(int size, int epoch) {
        int[] order = IntStream.range(0, size).toArray();
        SplittableRandom random = RandomStreams.of(seed, epoch);
        for (int i = size - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return order;
    }
}
