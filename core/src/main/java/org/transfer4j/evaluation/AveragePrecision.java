package org.transfer4j.evaluation;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Average precision as scikit-learn defines it, without interpolation; equal scores are one threshold. */
final class AveragePrecision {
    private AveragePrecision() {}

    /** The average precision of scores, 0 where nothing is there. */
    static double of(float[] scores, boolean[] there) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        long found = 0;
        double sum = 0;
        for (int begin = 0; begin < order.length; ) {
            int end = begin;
            long before = found;
            while (end < order.length && scores[order[end]] == scores[order[begin]]) {
                found += there[order[end]] ? 1 : 0;
                end++;
            }
            sum += (found - before) * ((double) found / end);
            begin = end;
        }
        return found == 0 ? 0 : sum / found;
    }
}
