package org.transfer4j.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.image.TestImages;

/** Small datasets for the tests. */
final class TestDatasets {
    private TestDatasets() {}

    /** Gray images of one pixel whose value is their number, up to 255 of them, with the given labels. */
    static ImageDataset ofLabels(List<String> labels) {
        return ImageDataset.of(
                Nd4j.arange(labels.size()).reshape(labels.size(), 1, 1, 1).castTo(DataType.FLOAT), labels);
    }

    /** As many images of each class "a", "b", ... as the counts say, one class after the other. */
    static ImageDataset ofCounts(int... counts) {
        return ofLabels(IntStream.range(0, counts.length)
                .boxed()
                .flatMap(c -> IntStream.range(0, counts[c]).mapToObj(i -> String.valueOf((char) ('a' + c))))
                .toList());
    }

    /** The numbers of the images, which are their pixels. */
    static int[] numbers(ImageDataset dataset) {
        return IntStream.range(0, dataset.size())
                .map(i -> dataset.image(i).getInt(0))
                .toArray();
    }

    static Path write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    static byte[] jpeg(int red) {
        return TestImages.jpeg(8, 8, 10, 20, red);
    }
}
