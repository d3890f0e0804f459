package org.transfer4j.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Images in four clouds, of 40, 30, 20 and 10. */
class ImagesToLabelTest {
    private static final int[] SIZES = {40, 30, 20, 10};
    private static final int IMAGES = 100;
    private static final int[] CLOUDS = IntStream.range(0, SIZES.length)
            .flatMap(cloud -> IntStream.range(0, SIZES[cloud]).map(i -> cloud))
            .toArray();

    private static float[][] clouds() {
        Random random = new Random(3);
        float[][] rows = new float[IMAGES][SIZES.length];
        for (int i = 0; i < IMAGES; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = (float) ((j == CLOUDS[i] ? 4 : 0) + 0.3 * random.nextGaussian());
            }
        }
        return rows;
    }

    private static FeatureMatrix matrix(float[][] rows) {
        try (INDArray all = Nd4j.createFromArray(rows)) {
            return FeatureMatrix.of(List.of(all));
        }
    }

    private static int[] typical(float[][] rows, int labelled, int count) {
        try (FeatureMatrix features = matrix(rows)) {
            return ImagesToLabel.typical(features, labelled, count, 42);
        }
    }

    /** Of the largest cloud first, the one with the least mean distance from its twenty nearest neighbours there. */
    @Test
    void theMostTypicalOfEachClusterComesFirst() {
        int[] chosen = typical(clouds(), 0, 4);
        assertThat(clouds(chosen)).containsExactly(0, 1, 2, 3);
        try (FeatureMatrix features = matrix(clouds())) {
            features.toLengthOne();
            for (int cloud = 0; cloud < SIZES.length; cloud++) {
                int own = cloud;
                int most = IntStream.range(0, IMAGES)
                        .filter(i -> CLOUDS[i] == own)
                        .boxed()
                        .min(Comparator.comparingDouble(i -> isolation(features, i)))
                        .orElseThrow();
                assertThat(chosen[cloud]).isEqualTo(most);
            }
        }
    }

    private static int[] clouds(int... images) {
        return IntStream.of(images).map(i -> CLOUDS[i]).toArray();
    }

    private static double isolation(FeatureMatrix features, int image) {
        return IntStream.range(0, IMAGES)
                .filter(i -> i != image && CLOUDS[i] == CLOUDS[image])
                .mapToDouble(i -> features.values()
                        .getColumn(i)
                        .distance2(features.values().getColumn(image)))
                .sorted()
                .limit(20)
                .average()
                .orElseThrow();
    }

    @Test
    void clustersWithLabelsComeLast() {
        float[][] clouds = clouds();
        // one of each of the two largest is labelled
        int[] open = IntStream.range(0, IMAGES).filter(i -> i != 0 && i != 40).toArray();
        float[][] rows = new float[IMAGES][];
        rows[0] = clouds[0];
        rows[1] = clouds[40];
        for (int i = 0; i < open.length; i++) {
            rows[2 + i] = clouds[open[i]];
        }
        int[] chosen = IntStream.of(typical(rows, 2, 2)).map(i -> open[i]).toArray();
        assertThat(clouds(chosen)).containsExactly(2, 3);
    }

    @Test
    void allCanBeChosenEachOnce() {
        for (int count : new int[] {1, 7, 99, 100}) {
            assertThat(typical(clouds(), 0, count)).hasSize(count).doesNotHaveDuplicates();
        }
        assertThat(Arrays.stream(typical(clouds(), 50, 50)).sorted())
                .containsExactly(IntStream.range(0, 50).boxed().toArray(Integer[]::new));
    }

    @Test
    void imagesThatAreAllTheSameAreNoEndlessWork() {
        float[][] same = new float[12][3];
        assertThat(typical(same, 0, 5)).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void uncertainOnesAreTakenWhereTheyAre() {
        double[] margins = new double[IMAGES];
        Arrays.fill(margins, 1);
        int[] unsure = {75, 80, 85, 92, 95};
        IntStream.of(unsure).forEach(i -> margins[i] = 0.1);
        try (FeatureMatrix features = matrix(clouds())) {
            int[] chosen = ImagesToLabel.uncertain(features, margins, 2, 42);
            assertThat(chosen).hasSize(2);
            assertThat(IntStream.of(chosen)).allMatch(i -> IntStream.of(unsure).anyMatch(other -> other == i));
            // of both clouds
            assertThat(IntStream.of(chosen).map(i -> CLOUDS[i])).containsExactlyInAnyOrder(2, 3);
        }
    }

    @Test
    void whereAllIsCertainSomeAreTakenAllTheSame() {
        double[] margins = new double[IMAGES];
        Arrays.fill(margins, 1);
        try (FeatureMatrix features = matrix(clouds())) {
            assertThat(ImagesToLabel.uncertain(features, margins, 30, 42))
                    .hasSize(30)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void theSameImagesGiveTheSameChoice() {
        assertThat(typical(clouds(), 0, 9)).isEqualTo(typical(clouds(), 0, 9));
    }
}
