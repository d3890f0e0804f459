package org.transfer4j.internal.network;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Random numbers that follow from a user's seed and from what they are for. */
public final class RandomStreams {
    private RandomStreams() {}

    /**
     * Starts a stream of numbers.
     *
     * <p>The seed is mixed first: {@link SplittableRandom} steps through its own seeds by a constant, and what users
     * take for seeds are small neighbours, of which a plain sum or product gave the same stream twice or shifted by one.
     *
     * @param seed the user's
     * @param purpose the number of an epoch, the hash of a name: another stream for each
     */
    public static SplittableRandom of(long seed, int purpose) {
        return new SplittableRandom(new SplittableRandom(seed).nextLong() + purpose);
    }

    /**
     * Starts a stream of numbers for one of many things of a kind, each number mixed before the next comes in.
     *
     * @param kind what they are for
     * @param outer for example an epoch
     * @param inner for example an image
     */
    public static SplittableRandom of(long seed, int kind, int outer, int inner) {
        return of(of(of(seed, kind).nextLong(), outer).nextLong(), inner);
    }

    /** The numbers from 0 on in an order drawn at random, as Fisher and Yates do it. */
    public static int[] shuffled(int count, SplittableRandom random) {
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return order;
    }
}
