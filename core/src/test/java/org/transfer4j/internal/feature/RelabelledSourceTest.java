package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;

class RelabelledSourceTest {
    private final ImageDataset data = ImageDataset.of(Pictures.arrays(3), List.of("b", "c", "a"));

    @Test
    void imagesThatAreReadAgainAreRelabelledEachTime() {
        ImageSource relabelled = new RelabelledSource(new DatasetSource(data), List.of("c", "b", "a"), "x");
        try (Examples examples = relabelled
                .ofDataset(images -> new StreamedImages(images, 16, 16, ImagePreprocessing.unit()))
                .orElseThrow()) {
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
        try (BatchStream batches =
                new RelabelledSource(source, List.of("c", "b", "a"), "x").open(16, 16, ImagePreprocessing.unit(), 3)) {
            assertThat(batches.next().classIndices()).containsExactly(1, 0, 2);
        }
        try (BatchStream batches = source.open(16, 16, ImagePreprocessing.unit(), 3)) {
            assertThat(batches.next().classIndices()).containsExactly(1, 2, 0);
        }
    }

    @Test
    void whatWasNotLearnedIsNamed() {
        assertThatThrownBy(() -> new RelabelledSource(new DatasetSource(data), List.of("a", "d"), "evaluation data"))
                .isInstanceOf(DatasetException.class)
                .hasMessage("evaluation data may only have classes that were learned, [a, d]; unknown: [b, c]");
    }
}
