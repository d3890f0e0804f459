package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;

class AugmentedImagesTest {
    private static final ImageDataset DATA = Pictures.dataset(9);

    private static List<List<Integer>> rows(int seed, int epoch, int batchSize, int... order) {
        SeededAugmentation augmentation =
                new SeededAugmentation(Augmentation.photos().crop(3).randomErasing(0.9), seed);
        Examples examples = new DatasetSource(DATA)
                .examples(new NetworkInput(12, 12, ImagePreprocessing.unit()), augmentation)
                .inEpoch(epoch);
        List<List<Integer>> rows = new ArrayList<>();
        try (BatchStream batches = examples.batches(order, batchSize)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(batch.classIndices()[i]).isEqualTo(DATA.classIndex(order[rows.size()]));
                    rows.add(Bits.of(batch.features().slice(i)));
                }
            }
        }
        return rows;
    }

    @Property(tries = 20)
    void whatHappensToAnImageFollowsFromSeedEpochAndItsNumber(
            @ForAll @IntRange(min = 0, max = 5) int seed,
            @ForAll @IntRange(min = 1, max = 5) int epoch,
            @ForAll @IntRange(min = 1, max = 6) int batchSize) {
        List<Integer> image = rows(seed, epoch, 1, 4).get(0);
        assertThat(rows(seed, epoch, batchSize, 8, 1, 2, 4, 0).get(3)).isEqualTo(image);
        assertThat(rows(seed, epoch + 1, 1, 4).get(0)).isNotEqualTo(image);
        assertThat(rows(seed + 1, epoch, 1, 4).get(0)).isNotEqualTo(image);
    }
}
