package org.transfer4j.internal.tail;

/**
 * Where a step stands.
 *
 * @param iteration how many steps were done before
 * @param epoch how many epochs were completed before
 * @param rate the learning rate, NaN for an updater that has none
 */
record StepPoint(int iteration, int epoch, double rate) {}
