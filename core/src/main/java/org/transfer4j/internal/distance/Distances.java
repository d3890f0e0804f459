package org.transfer4j.internal.distance;

import java.nio.FloatBuffer;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Products and distances of vectors, the same bits each time. Of one vector with many rows the memory bus is the limit, which eight sums
 * side by side in plain Java come up to (docs/performance.md); of many with many it is BLAS' work, whose last bits depend on how many
 * there are.
 */
public final class Distances {
    private Distances() {}

    /**
     * The product of two vectors.
     *
     * @param rows has the other one
     * @param from where it begins there
     */
    public static float product(float[] vector, float[] rows, int from) {
        int width = vector.length;
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int j = 0;
        for (; j + 7 < width; j += 8) {
            int at = from + j;
            s0 += vector[j] * rows[at];
            s1 += vector[j + 1] * rows[at + 1];
            s2 += vector[j + 2] * rows[at + 2];
            s3 += vector[j + 3] * rows[at + 3];
            s4 += vector[j + 4] * rows[at + 4];
            s5 += vector[j + 5] * rows[at + 5];
            s6 += vector[j + 6] * rows[at + 6];
            s7 += vector[j + 7] * rows[at + 7];
        }
        for (; j < width; j++) {
            s0 += vector[j] * rows[from + j];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }

    /**
     * The square of the Euclidean distance of two vectors, right for those that are nearly the same too.
     *
     * @param rows has the other one
     * @param from where it begins there
     */
    public static float square(float[] vector, float[] rows, int from) {
        int width = vector.length;
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int j = 0;
        for (; j + 3 < width; j += 4) {
            float d0 = vector[j] - rows[from + j];
            float d1 = vector[j + 1] - rows[from + j + 1];
            float d2 = vector[j + 2] - rows[from + j + 2];
            float d3 = vector[j + 3] - rows[from + j + 3];
            s0 += d0 * d0;
            s1 += d1 * d1;
            s2 += d2 * d2;
            s3 += d3 * d3;
        }
        for (; j < width; j++) {
            float d = vector[j] - rows[from + j];
            s0 += d * d;
        }
        return s0 + s1 + s2 + s3;
    }

    /** The square of a vector's length. */
    public static double square(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return sum;
    }

    /**
     * Brings a vector to length 1, in place; zeros stay.
     *
     * @return whether it could be: false, and nothing is changed, where the square of its length is not finite
     */
    public static boolean toLengthOne(float[] vector) {
        double square = square(vector);
        if (!Double.isFinite(square)) {
            return false;
        }
        double length = Math.sqrt(square);
        for (int i = 0; i < vector.length && length > 0; i++) {
            vector[i] = (float) (vector[i] / length);
        }
        return true;
    }

    /** The squares of the lengths of [width, N] vectors in Fortran order. */
    public static double[] squares(INDArray vectors) {
        double[] squares = new double[Math.toIntExact(vectors.size(1))];
        FloatBuffer all = vectors.data().asNioFloat();
        float[] vector = new float[Math.toIntExact(vectors.size(0))];
        for (int i = 0; i < squares.length; i++) {
            all.get(i * vector.length, vector);
            squares[i] = square(vector);
        }
        return squares;
    }

    /**
     * The products of some vectors with others, by BLAS. With the squares of lengths they are distances, but for rounding of the
     * larger of the squares.
     *
     * @param vectors [width, N] in Fortran order
     * @param others [width, M] in Fortran order
     * @param use takes them: of the first of the others those with all N vectors, of the second, and so on
     */
    public static void products(INDArray vectors, INDArray others, Consumer<FloatBuffer> use) {
        try (INDArray products =
                Nd4j.createUninitialized(DataType.FLOAT, new long[] {vectors.size(1), others.size(1)}, 'f')) {
            Nd4j.gemm(vectors, others, products, true, false, 1, 0);
            use.accept(products.data().asNioFloat());
        }
    }

    /** The nearest of those that were offered so far, the nearest first, of equally near ones that which was offered first. */
    public static final class Nearest {
        private final int[] rows;
        private final double[] distances;
        private int count;

        /** None so far, and of those to come so many at most. */
        public Nearest(int most) {
            rows = new int[most];
            distances = new double[most];
        }

        /** One more; what is no number is not taken. */
        public void offer(int row, double distance) {
            if (!(distance < farthest())) {
                return;
            }
            int place = count < rows.length ? count++ : count - 1;
            for (; place > 0 && distance < distances[place - 1]; place--) {
                distances[place] = distances[place - 1];
                rows[place] = rows[place - 1];
            }
            distances[place] = distance;
            rows[place] = row;
        }

        /** What must be nearer than this to be taken: infinite while there is room. */
        private double farthest() {
            if (count < rows.length) {
                return Double.POSITIVE_INFINITY;
            }
            return count == 0 ? Double.NEGATIVE_INFINITY : distances[count - 1];
        }

        /** All that another has. */
        public void offer(Nearest other) {
            for (int i = 0; i < other.count; i++) {
                offer(other.rows[i], other.distances[i]);
            }
        }

        /** How many there are. */
        public int count() {
            return count;
        }

        /** One of them, from 0, the nearest. */
        public int row(int place) {
            return rows[place];
        }

        /** Its distance. */
        public double distance(int place) {
            return distances[place];
        }
    }
}
