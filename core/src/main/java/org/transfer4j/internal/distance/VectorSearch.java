package org.transfer4j.internal.distance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.distance.Distances.Nearest;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.MappedFile;
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
    private final @Nullable MappedFile file;

    /**
     * Rows in parts, none of which is empty, in Java's memory or in a file that is mapped.
     *
     * @param rowsPerPart in each part but the last, which may have fewer
     * @param file which they are in; null for Java's memory
     */
    public VectorSearch(int width, int rows, int rowsPerPart, List<FloatBuffer> parts, @Nullable MappedFile file) {
        this.file = file;
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
     * Checks what was read, on the thread that read it.
     *
     * @throws UncheckedIOException if the file was cut short meanwhile, or its disk failed
     */
    public void requireWhole() {
        if (file == null) {
            return;
        }
        try {
            file.requireWhole();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private UncheckedIOException unreadable(IOException cause) {
        return FileFailure.of("can't read the index " + (file == null ? "" : file.path()), cause);
    }

    /**
     * The rows with the largest products, the largest first, of equal ones the first.
     *
     * @param number at most; fewer where there are fewer rows
     * @throws UncheckedIOException if the file was cut short meanwhile, or its disk failed
     */
    public List<Found> largest(float[] vector, int number) {
        int pieces = Math.min(4 * Workers.COUNT, rows);
        Nearest[] best = new Nearest[pieces];
        Workers.run(pieces, piece -> {
            best[piece] = new Nearest(Math.min(number, rows));
            int to = (int) ((long) rows * (piece + 1) / pieces);
            try {
                offer(best[piece], vector, (int) ((long) rows * piece / pieces), to);
                MappedFile.requireNoFault();
            } catch (InternalError e) {
                throw unreadable(MappedFile.fault(e));
            } catch (IOException e) {
                throw unreadable(e);
            }
        });
        requireWhole();
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
