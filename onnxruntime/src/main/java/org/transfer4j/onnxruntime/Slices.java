package org.transfer4j.onnxruntime;

/** Which numbers a slice takes along an axis, as ONNX Runtime has it, which differs from NumPy before the first. */
final class Slices {
    private Slices() {}

    /** The first one that is taken. */
    static long first(long start, long step, long side) {
        long from = start < 0 ? start + side : start;
        return Math.max(0, Math.min(from, step > 0 ? side : side - 1));
    }

    /**
     * How many are taken.
     *
     * @param end the first one that is not; far beyond the ends for all
     */
    static long count(long start, long end, long step, long side) {
        if (step == 0) {
            throw new IllegalArgumentException("has a step of 0");
        }
        long from = first(start, step, side);
        long to = end(end, step, side);
        long room = step > 0 ? to - from : from - to;
        long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
        return room <= 0 ? 0 : (room - 1) / stride + 1;
    }

    private static long end(long end, long step, long side) {
        if (end == Integer.MAX_VALUE || end == Long.MAX_VALUE) {
            return step > 0 ? side : -1;
        }
        long shifted = end < 0 ? end + side : end;
        return step > 0 ? Math.max(0, Math.min(shifted, side)) : Math.max(-1, Math.min(shifted, side));
    }
}
