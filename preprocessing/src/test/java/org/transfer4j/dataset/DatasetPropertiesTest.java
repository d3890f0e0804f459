package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.dataset.TestDatasets.numbers;
import static org.transfer4j.dataset.TestDatasets.ofCounts;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class DatasetPropertiesTest {
    @Property(tries = 100)
    void splitsArePartitionsInTheSameProportions(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 2, max = 20) Integer> sizes,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double fraction,
            @ForAll long seed) {
        int[] counts = sizes.stream().mapToInt(size -> size).toArray();
        ImageDataset dataset = ofCounts(counts);
        DatasetSplit split = dataset.split(fraction, seed);
        int[] train = numbers(split.train());
        int[] test = numbers(split.test());
        assertThat(train).isSorted();
        assertThat(test).isSorted();
        assertThat(sorted(IntStream.concat(Arrays.stream(train), Arrays.stream(test))))
                .containsExactly(IntStream.range(0, dataset.size()).toArray());
        assertThat(split.test().classNames()).isEqualTo(dataset.classNames());
        int[] trainCounts = split.train().classCounts();
        for (int c = 0; c < counts.length; c++) {
            assertThat(trainCounts[c]).isBetween(1, counts[c] - 1);
            assertThat(Math.abs(trainCounts[c] - counts[c] * fraction)).isLessThan(1);
        }
        assertThat(numbers(dataset.split(fraction, seed).train())).containsExactly(train);
    }

    @Property(tries = 100)
    void shufflesArePermutations(@ForAll @IntRange(min = 1, max = 60) int size, @ForAll long seed) {
        ImageDataset dataset = ofCounts(size, 3);
        int[] shuffled = numbers(dataset.shuffle(seed));
        assertThat(sorted(Arrays.stream(shuffled))).containsExactly(numbers(dataset));
        assertThat(numbers(dataset.shuffle(seed))).containsExactly(shuffled);
        assertThat(dataset.shuffle(seed).classCounts()).containsExactly(size, 3);
    }

    @Property(tries = 50)
    void everyDerivedImageKeepsItsLabel(@ForAll @IntRange(min = 1, max = 30) int limit, @ForAll long seed) {
        ImageDataset dataset = ofCounts(8, 9, 10);
        ImageDataset derived = dataset.shuffle(seed).split(0.7, seed).train().limit(limit);
        int[] numbers = numbers(derived);
        for (int i = 0; i < derived.size(); i++) {
            assertThat(derived.label(i)).isEqualTo(dataset.label(numbers[i]));
        }
    }

    private static int[] sorted(IntStream values) {
        return values.sorted().toArray();
    }
}
