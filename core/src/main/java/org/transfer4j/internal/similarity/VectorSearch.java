package org.transfer4j.internal.similarity;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.transfer4j.internal.thread.Workers;

/**
 * The rows with the largest products with a vector: all are looked at, in blocks, by all threads; the same bits whichever thread
 * comes first. Rows may be in mapped memory, which no native code reads: a file that somebody cuts short is an error, no crash.
 */
public final class VectorSearch {
    /** Of a block in floats: half of a usual L2 cache. */
    private static final int BLOCK = 1 << 16;

    /** Sums that are added up side by side, so that the loop over them is compiled to vector instructions. */
    private static final int LANES = 64;

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
        int wanted = Math.min(number, rows);
        int blockRows = Math.max(1, BLOCK / width);
        int pieces = Math.min(4 * Workers.COUNT, (rows + blockRows - 1) / blockRows);
        Best[] best = new Best[pieces];
        Workers.run(pieces, piece -> {
            int from = (int) ((long) rows * piece / pieces);
            int to = (int) ((long) rows * (piece + 1) / pieces);
            best[piece] = best(vector, from, to, blockRows, wanted);
        });
        Best all = new Best(wanted);
        for (Best each : best) {
            for (int i = 0; i < each.count; i++) {
                all.offer(each.rows[i], each.products[i]);
            }
        }
        return all.found();
    }

    private Best best(float[] vector, int from, int to, int blockRows, int wanted) {
        Best best = new Best(wanted);
        float[] sums = new float[LANES];
        float[] block = new float[blockRows * width];
        for (int first = from; first < to; first += blockRows) {
            int count = Math.min(blockRows, to - first);
            block = count == blockRows ? block : new float[count * width];
            read(first, block);
            for (int row = 0; row < count; row++) {
                best.offer(first + row, product(vector, block, row * width, sums));
            }
        }
        return best;
    }

    private static float product(float[] vector, float[] rows, int from, float[] sums) {
        int width = vector.length;
        int whole = width / LANES * LANES;
        Arrays.fill(sums, 0);
        for (int first = 0; first < whole; first += LANES) {
            int at = from + first;
            for (int lane = 0; lane < LANES; lane++) {
                sums[lane] += vector[first + lane] * rows[at + lane];
            }
        }
        for (int i = whole; i < width; i++) {
            sums[i - whole] += vector[i] * rows[from + i];
        }
        float first = 0;
        float second = 0;
        float third = 0;
        float fourth = 0;
        for (int lane = 0; lane < LANES; lane += 4) {
            first += sums[lane];
            second += sums[lane + 1];
            third += sums[lane + 2];
            fourth += sums[lane + 3];
        }
        return first + second + (third + fourth);
    }

    /** The best so far; rows are offered in their order. */
    private static final class Best {
        private final int[] rows;
        private final float[] products;
        private int count;

        Best(int wanted) {
            rows = new int[wanted];
            products = new float[wanted];
        }

        void offer(int row, float product) {
            int place = count;
            if (count == rows.length) {
                if (count == 0 || !(product > products[count - 1])) {
                    return;
                }
                place = count - 1;
            } else {
                count++;
            }
            for (; place > 0 && product > products[place - 1]; place--) {
                products[place] = products[place - 1];
                rows[place] = rows[place - 1];
            }
            products[place] = product;
            rows[place] = row;
        }

        List<Found> found() {
            Found[] found = new Found[count];
            Arrays.setAll(found, i -> new Found(rows[i], products[i]));
            return List.of(found);
        }
    }
}
