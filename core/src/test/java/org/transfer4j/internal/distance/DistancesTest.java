package org.transfer4j.internal.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.distance.Distances.Nearest;

class DistancesTest {
    private static float[] random(int count, int seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Widths around those that are added up side by side. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 8, 9, 16, 21, 512})
    void productsAndSquaresAreThoseOfTheFormula(int width) {
        float[] vector = random(width, 1);
        float[] rows = random(3 * width, 2);
        for (int row = 0; row < 3; row++) {
            int from = row * width;
            double product = IntStream.range(0, width)
                    .mapToDouble(j -> (double) vector[j] * rows[from + j])
                    .sum();
            double square = IntStream.range(0, width)
                    .mapToDouble(j -> Math.pow((double) vector[j] - rows[from + j], 2))
                    .sum();
            assertThat((double) Distances.product(vector, rows, from)).isCloseTo(product, within(1e-6 * (width + 1)));
            assertThat((double) Distances.square(vector, rows, from)).isCloseTo(square, within(1e-6 * (square + 1)));
        }
        assertThat(Distances.square(vector))
                .isCloseTo(Distances.product(vector, vector, 0), within(1e-6 * (width + 1)));
    }

    @Test
    void manyProductsAreInTheOrderOfTheOthers() {
        try (INDArray vectors = Nd4j.createFromArray(random(5 * 7, 3)).reshape('f', 7, 5);
                INDArray others = Nd4j.createFromArray(random(3 * 7, 4)).reshape('f', 7, 3)) {
            Distances.products(vectors, others, products -> {
                for (int other = 0; other < 3; other++) {
                    for (int i = 0; i < 5; i++) {
                        float expected = Distances.product(
                                others.getColumn(other).toFloatVector(),
                                vectors.getColumn(i).toFloatVector(),
                                0);
                        assertThat(products.get(other * 5 + i)).isCloseTo(expected, within(1e-5f));
                    }
                }
            });
            double[] squares = Distances.squares(vectors);
            for (int i = 0; i < 5; i++) {
                assertThat(squares[i])
                        .isEqualTo(Distances.square(vectors.getColumn(i).toFloatVector()));
            }
        }
    }

    @Test
    void theNearestComeFirstAndOfEqualOnesTheFirst() {
        Nearest nearest = new Nearest(3);
        double[] distances = {4, 2, 5, 2, Double.NaN, 1, 2};
        IntStream.range(0, distances.length).forEach(i -> nearest.offer(i, distances[i]));

        assertThat(IntStream.range(0, nearest.count()).map(nearest::row)).containsExactly(5, 1, 3);
        assertThat(nearest.distance(2)).isEqualTo(2);

        Nearest few = new Nearest(2);
        few.offer(9, 2);
        nearest.offer(few);
        assertThat(nearest.row(2)).isEqualTo(3);

        Nearest none = new Nearest(0);
        none.offer(1, 1);
        assertThat(none.count()).isZero();
    }
}
