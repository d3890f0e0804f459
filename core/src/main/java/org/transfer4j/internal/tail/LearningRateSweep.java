package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.training.LearningRateCurve;

/**
 * Trains with a learning rate that grows by the same factor in each step (L. Smith, 2017), with the numbers of fastai's
 * {@code lr_find}: 100 steps from 1e-7 to 10, until the smoothed loss is four times the lowest.
 */
public final class LearningRateSweep {
    private static final int STEPS = 100;
    private static final double LOWEST = 1e-7;
    private static final double HIGHEST = 10;
    private static final double TOO_HIGH = 4;

    /** How much of the smoothed loss is that of the steps before. */
    private static final double INERTIA = 0.98;

    private final Tail tail;
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private double average;
    private double best = Double.POSITIVE_INFINITY;
    private boolean ended;

    private LearningRateSweep(Tail tail) {
        this.tail = tail;
    }

    /** Trains a tail, which is of no use afterwards. */
    public static LearningRateCurve run(Tail tail, Examples examples, int batchSize, long seed) {
        LearningRateSweep sweep = new LearningRateSweep(tail);
        for (int epoch = 1; !sweep.ended; epoch++) {
            int[] order = RandomStreams.shuffled(examples.size(), RandomStreams.of(seed, epoch));
            try (BatchStream batches = examples.batches(order, batchSize)) {
                while (!sweep.ended && batches.hasNext()) {
                    sweep.step(batches);
                }
            }
            tail.endEpoch();
        }
        return new LearningRateCurve(sweep.rates, sweep.losses);
    }

    private void step(BatchStream batches) {
        Interruption.check("the search for a learning rate");
        int step = rates.size();
        double rate = LOWEST * Math.pow(HIGHEST / LOWEST, step / (STEPS - 1.0));
        average = INERTIA * average
                + (1 - INERTIA) * tail.train(batches.next(), rate).loss();
        // the average starts at zero: what that takes away is given back
        double loss = average / (1 - Math.pow(INERTIA, step + 1.0));
        if (!Double.isFinite(loss)) {
            ended = true;
            return;
        }
        rates.add(rate);
        losses.add(loss);
        best = Math.min(best, loss);
        ended = loss > TOO_HIGH * best || rates.size() == STEPS;
    }
}
