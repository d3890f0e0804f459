package org.transfer4j.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;

class PrototypeProbeTest {
    private static final int IMAGES = 60;
    private static final int WIDTH = 7;
    private static final int CLASSES = 3;

    @TempDir
    private Path folder;

    /** Clouds, of scales that differ from feature to feature. */
    private static float[][] clouds() {
        return clouds(0.8);
    }

    private static float[][] clouds(double spread) {
        Random random = new Random(3);
        float[][] rows = new float[IMAGES][WIDTH];
        for (int i = 0; i < IMAGES; i++) {
            for (int j = 0; j < WIDTH; j++) {
                double centre = (i % CLASSES * 5 + j * 3) % 7 / 3.0;
                rows[i][j] = (float) ((centre + spread * random.nextGaussian()) * Math.pow(3, j) + j);
            }
        }
        return rows;
    }

    private static int[] labels() {
        return IntStream.range(0, IMAGES).map(i -> i % CLASSES).toArray();
    }

    private LinearLayer learned(float[][] rows, int[] labels, int classes) {
        try (INDArray features = Nd4j.createFromArray(rows);
                FeatureStore store = FeatureStore.create(folder, new long[] {WIDTH}, rows.length)) {
            store.append(new Batch(features, labels));
            try (FeatureMatrix matrix = FeatureMatrix.of(store, WIDTH)) {
                return PrototypeProbe.learn(matrix, labels, classes);
            }
        }
    }

    private static double[] scores(LinearLayer layer, float[] row) {
        double[] scores = layer.bias().clone();
        for (int c = 0; c < scores.length; c++) {
            for (int j = 0; j < WIDTH; j++) {
                scores[c] += layer.weights()[c][j] * row[j];
            }
        }
        return scores;
    }

    /** By hand: scores over one image's length are a constant times its cosines. */
    @Test
    void scoresAreCosinesTimesTheImagesLength() {
        float[][] rows = clouds();
        double[][] standard = standardized(rows);
        double[][] prototypes = new double[CLASSES][WIDTH];
        for (int i = 0; i < IMAGES; i++) {
            for (int j = 0; j < WIDTH; j++) {
                prototypes[i % CLASSES][j] += standard[i][j] / length(standard[i]);
            }
        }
        LinearLayer layer = learned(rows, labels(), CLASSES);
        double scale = scores(layer, rows[0])[0] / dot(standard[0], prototypes[0]) * length(prototypes[0]);

        assertThat(scale).isPositive();
        for (int i = 0; i < IMAGES; i++) {
            double[] scores = scores(layer, rows[i]);
            for (int c = 0; c < CLASSES; c++) {
                assertThat(scores[c] / scale)
                        .isCloseTo(dot(standard[i], prototypes[c]) / length(prototypes[c]), within(1e-4));
            }
        }
    }

    private static double[][] standardized(float[][] rows) {
        double[][] standard = new double[IMAGES][WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            int feature = j;
            double mean = IntStream.range(0, IMAGES)
                    .mapToDouble(i -> rows[i][feature])
                    .average()
                    .orElseThrow();
            double variance = IntStream.range(0, IMAGES)
                    .mapToDouble(i -> (rows[i][feature] - mean) * (rows[i][feature] - mean))
                    .average()
                    .orElseThrow();
            for (int i = 0; i < IMAGES; i++) {
                standard[i][j] = (rows[i][j] - mean) / Math.sqrt(variance);
            }
        }
        return standard;
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static double length(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    @Test
    void aClassWithoutImagesIsNeverChosen() {
        LinearLayer layer = learned(clouds(), labels(), CLASSES + 1);
        for (float[] row : clouds()) {
            double[] scores = scores(layer, row);
            assertThat(scores[CLASSES])
                    .isLessThan(IntStream.range(0, CLASSES)
                                    .mapToDouble(c -> scores[c])
                                    .max()
                                    .orElseThrow()
                            - 100);
        }
    }

    @Test
    void aClassWithoutImagesIsNoRival() {
        float[][] rows = clouds(2);
        LinearLayer without = learned(rows, labels(), CLASSES);
        LinearLayer with = learned(rows, labels(), CLASSES + 1);
        for (int c = 0; c < CLASSES; c++) {
            assertThat(with.weights()[c]).containsExactly(without.weights()[c], within(1e-9));
        }
    }

    /** A scale of 10 of the mean image's cosine: larger ones would make all probabilities 0 or 1. */
    @Test
    void whereAllImagesAreRightProbabilitiesStayBetweenNoneAndAll() {
        float[][] rows = clouds(0.05);
        LinearLayer layer = learned(rows, labels(), CLASSES);
        double mean = 0;
        for (int i = 0; i < IMAGES; i++) {
            double[] scores = scores(layer, rows[i]);
            assertThat(IntStream.range(0, CLASSES).boxed().max(Comparator.comparingDouble(c -> scores[c])))
                    .contains(i % CLASSES);
            mean += scores[i % CLASSES] / IMAGES;
        }
        assertThat(mean).isBetween(9.5, 10.0);
    }

    @Test
    void imagesThatAreAllAlikeAreNoError() {
        float[][] same = new float[4][WIDTH];
        LinearLayer layer = learned(same, new int[] {0, 1, 0, 1}, 2);
        assertThat(scores(layer, same[0])).containsExactly(0, 0);
    }
}
