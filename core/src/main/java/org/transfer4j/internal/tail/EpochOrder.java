package org.transfer4j.internal.tail;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.transfer4j.internal.network.RandomStreams;

/** The order in which an epoch goes through its examples: shuffled anew in each, by the seed. */
final class EpochOrder {
    private EpochOrder() {}

    static int[] of(int size, long seed, int epoch) {
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
