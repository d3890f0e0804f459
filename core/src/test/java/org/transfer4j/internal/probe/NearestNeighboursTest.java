package org.transfer4j.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NearestNeighboursTest {
    private static final int ROWS = 700;
    private static final int WIDTH = 9;

    private static double[] row(INDArray standardized, int image) {
        return standardized.getColumn(image).toDoubleVector();
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, WIDTH)
                .mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i]))
                .sum());
    }

    /** In two blocks, one shorter than the other. */
    @Test
    void areThoseOfAllPairs() {
        Random random = new Random(5);
        float[][] values = new float[ROWS][WIDTH];
        for (float[] row : values) {
            for (int j = 0; j < WIDTH; j++) {
                row[j] = (float) (random.nextGaussian() * (j + 1));
            }
        }
        BitSet among = new BitSet();
        IntStream.range(0, ROWS).filter(i -> i % 7 != 3).forEach(among::set);
        try (INDArray first = Nd4j.createFromArray(Arrays.copyOf(values, 300));
                INDArray second = Nd4j.createFromArray(Arrays.copyOfRange(values, 300, ROWS));
                FeatureMatrix matrix = FeatureMatrix.of(List.of(first, second))) {
            NearestNeighbours found = NearestNeighbours.of(matrix, among, 4);
            assertThat(found.number()).isEqualTo(4);
            double[][] rows = IntStream.range(0, ROWS)
                    .mapToObj(i -> row(matrix.values(), i))
                    .toArray(double[][]::new);
            for (int i = 0; i < ROWS; i++) {
                double[] own = rows[i];
                int image = i;
                List<Integer> expected = among.stream()
                        .filter(other -> other != image)
                        .boxed()
                        .sorted(Comparator.comparingDouble(other -> distance(own, rows[other])))
                        .limit(4)
                        .toList();
                for (int n = 0; n < 4; n++) {
                    assertThat(found.image(i, n)).isEqualTo(expected.get(n));
                    assertThat(found.distance(i, n)).isCloseTo(distance(own, rows[expected.get(n)]), within(1e-3));
                }
            }
        }
    }

    @Test
    void fewImagesHaveFewNeighbours() {
        BitSet among = new BitSet();
        among.set(0, 2);
        try (INDArray rows = Nd4j.createFromArray(new float[][] {{1, 2}, {3, 5}});
                FeatureMatrix matrix = FeatureMatrix.of(List.of(rows))) {
            NearestNeighbours found = NearestNeighbours.of(matrix, among, 10);
            assertThat(found.number()).isEqualTo(1);
            assertThat(found.image(0, 0)).isEqualTo(1);
            assertThat(found.distance(1, 0)).isCloseTo(Math.sqrt(8), within(1e-6));
        }
    }
}
