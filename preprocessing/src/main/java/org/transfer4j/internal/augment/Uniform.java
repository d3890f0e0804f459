package org.transfer4j.internal.augment;

import java.util.random.RandomGenerator;

/** Random numbers of a range that may be a single one. */
final class Uniform {
    private Uniform() {}

    /** Takes nothing from the generator where there is no choice. */
    static double draw(RandomGenerator random, double from, double to) {
        return from < to ? random.nextDouble(from, to) : from;
    }
}
