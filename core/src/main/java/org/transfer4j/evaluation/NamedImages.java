package org.transfer4j.evaluation;

import java.util.function.IntFunction;

/**
 * What a report knows of its images beside figures.
 *
 * @param names where one comes from, by its number
 * @param pictures small PNGs of it, of no bytes where there is none
 */
record NamedImages(IntFunction<String> names, IntFunction<byte[]> pictures) {
    static final NamedImages NUMBERED = new NamedImages(EvaluationAccumulator::number, index -> new byte[0]);
}
