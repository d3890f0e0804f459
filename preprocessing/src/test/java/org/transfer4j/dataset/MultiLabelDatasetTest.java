package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.transfer4j.dataset.TestDatasets.numbers;
import static org.transfer4j.dataset.TestDatasets.ofLabels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;

class MultiLabelDatasetTest {
    private static final List<List<String>> LABELS =
            List.of(List.of("sea", "sunset"), List.of(), List.of("sunset", "sea", "sea"), List.of("city"));

    private final MultiLabelDataset dataset = MultiLabelDataset.of(ofLabels(List.of("x", "x", "x", "x")), LABELS);

    @Test
    void eachImageHasItsLabelsInTheOrderOfTheClasses() {
        assertThat(dataset.classNames()).containsExactly("city", "sea", "sunset");
        assertThat(dataset.labels(0)).containsExactly("sea", "sunset");
        assertThat(dataset.labels(1)).isEmpty();
        assertThat(dataset.labels(2)).containsExactly("sea", "sunset");
        assertThat(dataset.labels(3)).containsExactly("city");
        assertThat(dataset.classCounts()).containsExactly(1, 2, 2);
        assertThat(dataset)
                .hasToString("4 images, 3 classes of which each image may have several: city (1), sea (2), sunset (2)");
    }

    @Test
    void theImagesAreADatasetOfLabelSets() {
        assertThat(dataset.images().classNames()).containsExactly("[\"city\"]", "[\"sea\",\"sunset\"]", "[]");
        assertThat(dataset.images().label(2)).isEqualTo("[\"sea\",\"sunset\"]");
        assertThat(numbers(dataset.images())).containsExactly(0, 1, 2, 3);
    }

    @Test
    void derivedDatasetsKeepTheClassTable() {
        MultiLabelDataset derived = dataset.select(3, 3, 0).limit(2);
        assertThat(derived.size()).isEqualTo(2);
        assertThat(derived.classNames()).isEqualTo(dataset.classNames());
        assertThat(derived.labels(1)).containsExactly("city");
        assertThat(numbers(dataset.shuffle(3).images()))
                .containsExactly(numbers(dataset.images().shuffle(3)));
    }

    @Test
    void anImageThatIsThereTwiceMayHaveTwoSetsOfLabels() {
        MultiLabelDataset twice =
                MultiLabelDataset.of(ofLabels(List.of("a")).select(0, 0), List.of(Set.of("a"), Set.of("b")));
        assertThat(twice.labels(0)).containsExactly("a");
        assertThat(twice.labels(1)).containsExactly("b");
        assertThat(numbers(twice.images())).containsExactly(0, 0);
    }

    @Test
    void wholeNumbersAreOrderedByValue() {
        assertThat(MultiLabelDataset.of(Nd4j.zeros(1, 1, 2, 2), List.of(List.of("10", "9")))
                        .classNames())
                .containsExactly("9", "10");
    }

    @Test
    void labelsAreSplitAtTheSeparator(@TempDir Path folder) throws IOException {
        TestDatasets.write(folder.resolve("a.jpg"), TestDatasets.jpeg(1));
        Path list = TestDatasets.write(
                folder.resolve("list.csv"),
                "file,labels\na.jpg,sea | sunset\na.jpg,city\na.jpg,|\n".getBytes(StandardCharsets.UTF_8));
        MultiLabelDataset read = MultiLabelDataset.of(ImageDataset.csv(list), "|");
        assertThat(read.labels(0)).containsExactly("sea", "sunset");
        assertThat(read.labels(1)).containsExactly("city");
        assertThat(read.labels(2)).isEmpty();
    }

    @Test
    void anImageMayBeLeftOutWhereItsLabelsHaveOthers(@TempDir Path folder) throws IOException {
        TestDatasets.write(folder.resolve("a.jpg"), TestDatasets.jpeg(1));
        String rows = "a.jpg,sea\na.jpg,caf\u00e9\nbroken.jpg,sea|cafe\u0301\n";
        Path list = TestDatasets.write(folder.resolve("list.csv"), rows.getBytes(StandardCharsets.UTF_8));
        MultiLabelDataset read = MultiLabelDataset.csv(list, "|", BrokenImages.SKIP);
        assertThat(read.classNames()).containsExactly("caf\u00e9", "sea");
        assertThat(read.size()).isEqualTo(2);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> MultiLabelDataset.csv(list, "|", BrokenImages.FAIL))
                .withMessageContaining("1 of 3 images can't be used");
        Path lost = TestDatasets.write(
                folder.resolve("lost.csv"), (rows + "broken.jpg,sea|sky\n").getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> MultiLabelDataset.csv(lost, "|", BrokenImages.SKIP))
                .withMessageContaining("no image of the class \"sky\" can be used; 2 of 4 images");
    }

    @Test
    void anEmptyFieldIsToldHowNoLabelIsWritten(@TempDir Path folder) throws IOException {
        Path list = TestDatasets.write(folder.resolve("none.csv"), "1.png,".getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> MultiLabelDataset.csv(list, "|", BrokenImages.FAIL))
                .withMessageContaining("line 1: the label is empty; | alone stands for no label");
    }

    @Test
    void whatIsNoDatasetIsRefused() {
        ImageDataset images = ofLabels(List.of("a", "b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultiLabelDataset.of(images, List.of(Set.of("a"))))
                .withMessageContaining("2 images, 1 sets");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultiLabelDataset.of(images, List.of(Arrays.asList("a", null), Set.of())))
                .withMessageContaining("[a, null]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultiLabelDataset.of(images, ""))
                .withMessageContaining("separator");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultiLabelDataset.of(Nd4j.zeros(2, 1, 2, 2), List.of(Set.of("a"))))
                .withMessageContaining("2 images, 1 labels");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> MultiLabelDataset.of(images, List.of(Set.of(), Set.of())))
                .withMessageContaining("none of the 2 images has a label");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.split(1, 1))
                .withMessageContaining("fraction");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> dataset.limit(1).split(0.5, 1))
                .withMessageContaining("two images");
    }

    /** Disjoint labels are the case in which the parts can be had exactly. */
    @Test
    void splitsKeepTheProportionOfEachLabel() {
        List<Set<String>> labels = IntStream.range(0, 100)
                .mapToObj(i -> i < 10 ? Set.of("rare") : i < 40 ? Set.of("some") : Set.of("often"))
                .toList();
        MultiLabelSplit split = MultiLabelDataset.of(
                        ofLabels(labels.stream().map(l -> "x").toList()), labels)
                .split(0.8, 7);
        assertThat(split.train().classCounts()).containsExactly(48, 8, 24);
        assertThat(split.test().classCounts()).containsExactly(12, 2, 6);
    }

    @Property(tries = 100)
    void splitsArePartitions(
            @ForAll @Size(min = 2, max = 40) List<@IntRange(max = 15) Integer> sets,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double fraction,
            @ForAll long seed) {
        List<List<String>> labels = IntStream.range(0, sets.size())
                .mapToObj(i -> IntStream.range(0, 5)
                        .filter(bit -> bit == 4 ? i == 0 : (sets.get(i) >> bit & 1) == 1)
                        .mapToObj(String::valueOf)
                        .toList())
                .toList();
        MultiLabelDataset all =
                MultiLabelDataset.of(ofLabels(labels.stream().map(l -> "x").toList()), labels);
        MultiLabelSplit split = all.split(fraction, seed);
        int[] train = numbers(split.train().images());
        int[] test = numbers(split.test().images());
        assertThat(train).isNotEmpty().isSorted();
        assertThat(test).isNotEmpty().isSorted();
        assertThat(IntStream.concat(IntStream.of(train), IntStream.of(test)).sorted())
                .containsExactlyElementsOf(
                        IntStream.range(0, all.size()).boxed().toList());
        for (int i = 0; i < test.length; i++) {
            assertThat(split.test().labels(i)).containsExactlyElementsOf(labels.get(test[i]));
        }
        assertThat(numbers(all.split(fraction, seed).train().images())).containsExactly(train);
    }
}
