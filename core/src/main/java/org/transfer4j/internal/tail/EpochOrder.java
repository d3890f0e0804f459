package org.transfer4j.internal.tail;

import org.transfer4j.internal.network.RandomStreams;

/** The order in which an epoch goes through its examples: shuffled anew in each, by the seed. */
final class EpochOrder {
    private EpochOrder() {}

    static int[] of(int size, long seed, int epoch) {
        return RandomStreams.shuffled(size, RandomStreams.of(seed, epoch));
    }
}
