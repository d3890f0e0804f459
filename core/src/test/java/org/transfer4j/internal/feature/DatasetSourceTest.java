package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;

/** A dataset's images and the targets that follow another table of classes. */
class DatasetSourceTest {
    private final ImageDataset data = ImageDataset.of(Pictures.arrays(3), List.of("b", "c", "a"));

    @Test
    void imagesThatAreReadAgainAreRelabelledEachTime() {
        DatasetSource relabelled = DatasetSource.of(data, List.of("c", "b", "a"), "x");
        try (Examples examples = relabelled.examples(new NetworkInput(16, 16, ImagePreprocessing.unit()))) {
            assertThat(examples.size()).isEqualTo(3);
            for (int i = 0; i < 2; i++) {
                try (BatchStream batches = examples.batches(new int[] {2, 0, 1}, 2)) {
                    assertThat(batches.next().classIndices()).containsExactly(2, 1);
                    assertThat(batches.next().classIndices()).containsExactly(0);
                    assertThat(batches.hasNext()).isFalse();
                }
            }
        }
        assertThat(relabelled.size()).isEqualTo(3);
    }

    @Test
    void theSourceItselfKeepsItsTable() {
        DatasetSource source = new DatasetSource(data);
        try (BatchStream batches = DatasetSource.of(data, List.of("c", "b", "a"), "x")
                .open(new NetworkInput(16, 16, ImagePreprocessing.unit()), 3)) {
            assertThat(batches.next().classIndices()).containsExactly(1, 0, 2);
        }
        try (BatchStream batches = source.open(new NetworkInput(16, 16, ImagePreprocessing.unit()), 3)) {
            assertThat(batches.next().classIndices()).containsExactly(1, 2, 0);
        }
    }

    @Test
    void whatWasNotLearnedIsNamed() {
        assertThatThrownBy(() -> DatasetSource.of(data, List.of("a", "d"), "evaluation data"))
                .isInstanceOf(DatasetException.class)
                .hasMessage("evaluation data may only have classes that were learned, [a, d]; unknown: [b, c]");
    }

    @Test
    void imagesWithSeveralLabelsHaveTheirClassesInTheOtherTable() {
        MultiLabelDataset several =
                MultiLabelDataset.of(Pictures.arrays(3), List.of(Set.of("b", "a"), Set.of(), Set.of("a")));
        DatasetSource source = DatasetSource.of(several, List.of("c", "b", "a"), "x");
        assertThat(source.classCounts().orElseThrow()).containsExactly(0, 1, 2);
        try (BatchStream batches = source.open(new NetworkInput(16, 16, ImagePreprocessing.unit()), 3)) {
            assertThat(batches.next().targets())
                    .extracting(target -> ((Target.SeveralClasses) target).row())
                    .containsExactly(new float[] {0, 1, 1}, new float[] {0, 0, 0}, new float[] {0, 0, 1});
        }
        assertThatThrownBy(() -> DatasetSource.of(several, List.of("a"), "x"))
                .isInstanceOf(DatasetException.class)
                .hasMessage("x may only have classes that were learned, [a]; unknown: [b]");
    }
}
