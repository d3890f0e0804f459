package org.transfer4j.internal.similarity;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.distance.Nearest;
import org.transfer4j.internal.thread.Workers;

/**
 * The rows with the largest products with a vector: all are looked at, by all threads; the same bits whichever thread comes
 * first. Rows may be in mapped memory, which no native code reads: a file that somebody cuts short is an error, no crash.
 */
public final class VectorSearch {
    private final int width;
    private final int rows;
    private final int rowsPerPart;
    private final List<FloatBuffer> parts;

    /**
     * Rows in parts, none of which is empty.
     *
     * @param rowsPerPart in each part but the last, which may have fewer
     */
    public VectorSearch(int width, int rows, int rowsPerPart, List<FloatBuffer> parts) {
        this.width = width;
        this.rows = rows;
        this.rowsPerPart = rowsPerPart;
        this.parts = List.copyOf(parts);
    }

    /** A row and its product. */
    public record Found(int row, float product) {}

    /** How many values a row has. */
    public int width() {
        return width;
    }

    /** How many rows there are. */
    public int rows() {
        return rows;
    }

    /** Puts rows from the first on into an array, as many as there is room for. */
    public void read(int first, float[] target) {
        int done = 0;
        while (done < target.length) {
            int row = first + done / width;
            int inPart = row % rowsPerPart;
            int count = Math.min(target.length / width - done / width, rowsPerPart - inPart);
            parts.get(row / rowsPerPart).get(inPart * width, target, done, count * width);
            done += count * width;
        }
    }

    /**
     * The rows with the largest products, the largest first, of equal ones the first.
     *
     * @param number at most; fewer where there are fewer rows
     */
    public List<Found> largest(float[] vector, int number) {
        int pieces = Math.min(4 * Workers.COUNT, rows);
        Nearest[] best = new Nearest[pieces];
        Workers.run(pieces, piece -> {
            best[piece] = new Nearest(Math.min(number, rows));
            int to = (int) ((long) rows * (piece + 1) / pieces);
            offer(best[piece], vector, (int) ((long) rows * piece / pieces), to);
        });
        Nearest all = new Nearest(Math.min(number, rows));
        List.of(best).forEach(all::offer);
        return IntStream.range(0, all.count())
                .mapToObj(i -> new Found(all.row(i), (float) -all.distance(i)))
                .toList();
    }

    /** A row in Java's memory is read where it is; of others each is copied, while which the one before is still being added up. */
    private void offer(Nearest best, float[] vector, int from, int to) {
        float[] copied = new float[width];
        int row = from;
        while (row < to) {
            FloatBuffer part = parts.get(row / rowsPerPart);
            int first = row - row % rowsPerPart;
            int end = Math.min(to, first + rowsPerPart);
            for (; row < end; row++) {
                int at = (row - first) * width;
                if (part.hasArray()) {
                    best.offer(row, -Distances.product(vector, part.array(), part.arrayOffset() + at));
                } else {
                    part.get(at, copied);
                    best.offer(row, -Distances.product(vector, copied, 0));
                }
            }
        }
    }
}
