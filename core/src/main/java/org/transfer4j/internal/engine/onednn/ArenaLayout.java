package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/**
 * Where buffers lie in one block of memory, so that those needed at the same time do not overlap. The largest buffer is
 * placed first, each at the lowest place that is free for its lifetime. In a plain chain of layers this comes down to
 * two buffers used in turns, with the scratch memory of one step in the gaps of the others.
 *
 * @param offsets where each buffer begins
 * @param bytes the size of the block
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record ArenaLayout(long[] offsets, long bytes) {
    /** A page: addresses are as well aligned as those of an allocation of their own. */
    private static final long ALIGNMENT = 4096;

    /**
     * How long a buffer is needed.
     *
     * @param bytes its size
     * @param first the step that writes it
     * @param last the last step that reads it
     */
    record Lifetime(long bytes, int first, int last) {
        boolean overlaps(Lifetime other) {
            return first <= other.last && other.first <= last;
        }
    }

    static ArenaLayout of(List<Lifetime> lifetimes) {
        long[] offsets = new long[lifetimes.size()];
        long total = 0;
        List<Integer> placed = new ArrayList<>();
        List<Integer> order = IntStream.range(0, lifetimes.size())
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> lifetimes.get(i).bytes())
                        .reversed())
                .toList();
        for (int next : order) {
            Lifetime lifetime = lifetimes.get(next);
            List<Integer> neighbours = placed.stream()
                    .filter(other -> lifetimes.get(other).overlaps(lifetime))
                    .sorted(Comparator.comparingLong(other -> offsets[other]))
                    .toList();
            offsets[next] = lowestGap(lifetime.bytes(), neighbours, lifetimes, offsets);
            placed.add(next);
            total = Math.max(total, aligned(offsets[next] + lifetime.bytes()));
        }
        return new ArenaLayout(offsets, total);
    }

    private static long lowestGap(long bytes, List<Integer> neighbours, List<Lifetime> lifetimes, long[] offsets) {
        long candidate = 0;
        for (int neighbour : neighbours) {
            if (candidate + bytes <= offsets[neighbour]) {
                return candidate;
            }
            candidate = Math.max(
                    candidate,
                    aligned(offsets[neighbour] + lifetimes.get(neighbour).bytes()));
        }
        return candidate;
    }

    private static long aligned(long offset) {
        return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** A buffer of a plan: how long it is needed, and the oneDNN memories that look at it. */
    static final class Region {
        private final long bytes;
        private final int first;
        private int last;
        private Pointer address = new Pointer();
        private final List<memory> views = new ArrayList<>();

        /**
         * Creates a region.
         *
         * @param first the step that writes it
         */
        Region(long bytes, int first) {
            this.bytes = bytes;
            this.first = first;
            this.last = first;
        }

        /** Adds a memory that a step reads or writes. */
        void addView(memory view, int step) {
            view.set_data_handle(address);
            views.add(view);
            last = Math.max(last, step);
        }

        ArenaLayout.Lifetime lifetime() {
            return new ArenaLayout.Lifetime(bytes, first, last);
        }

        long bytes() {
            return bytes;
        }

        /** Says where it is; only the address is kept. */
        void bind(Pointer place) {
            address = place;
            views.forEach(view -> view.set_data_handle(place));
        }
    }
}
