package org.transfer4j.evaluation;

import java.util.Arrays;

/** Images in the order of their scores for a class. */
record Ranking(double averagePrecision, double rocAuc) {
    /**
     * Ranks.
     *
     * @param scores from 0 to 1
     * @param there whether an image is of the class
     */
    static Ranking of(float[] scores, boolean[] there) {
        long[] order = new long[scores.length];
        for (int i = 0; i < order.length; i++) {
            // floats from 0 on are ordered as their bits are
            order[i] = (long) Float.floatToIntBits(Math.abs(scores[i])) << 32 | i;
        }
        Arrays.sort(order);
        long found = 0;
        long others = 0;
        double precisions = 0;
        double pairs = 0;
        for (int end = order.length; end > 0; ) {
            int begin = end;
            long foundBefore = found;
            long othersBefore = others;
            while (begin > 0 && order[begin - 1] >>> 32 == order[end - 1] >>> 32) {
                begin--;
                boolean is = there[(int) order[begin]];
                found += is ? 1 : 0;
                others += is ? 0 : 1;
            }
            precisions += (found - foundBefore) * ((double) found / (found + others));
            // pairs in the right order; a pair of equal scores is half right
            pairs += (others - othersBefore) * (foundBefore + (found - foundBefore) / 2.0);
            end = begin;
        }
        return new Ranking(found == 0 ? 0 : precisions / found, pairs / ((double) found * others));
    }
}
