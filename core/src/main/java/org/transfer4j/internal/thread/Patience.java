package org.transfer4j.internal.thread;

/**
 * How long a thread watches for something before it goes to sleep: for longer than the steps of a training lie apart,
 * since to wake a thread takes about as long as half a step of a small head, and for too short a time to be noticed by
 * anybody else.
 */
final class Patience {
    private static final long NANOSECONDS = 100_000;

    private final long start = System.nanoTime();

    boolean lasts() {
        return System.nanoTime() - start < NANOSECONDS;
    }
}
