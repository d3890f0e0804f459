package org.transfer4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.transfer4j.cache.Experiments.assertSameAsWithout;
import static org.transfer4j.cache.Experiments.computed;
import static org.transfer4j.cache.Experiments.digits;
import static org.transfer4j.cache.Experiments.learner;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;

class CacheDamageTest {
    private static final int IMAGES = 40;

    @TempDir
    private Path folder;

    private Path chunk;

    @BeforeEach
    void fill() throws IOException {
        computed(learner(), folder, digits(IMAGES));
        try (Stream<Path> files = Files.walk(folder)) {
            chunk = files.filter(file -> file.toString().endsWith(".features"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The damage costs a new pass over what was damaged, once, and changes nothing in the result. */
    private void assertHealed() {
        assertThat(computed(learner(), folder, digits(IMAGES))).isEqualTo(IMAGES);
        assertThat(computed(learner(), folder, digits(IMAGES))).isZero();
        assertSameAsWithout(FeatureCache.in(folder), learner(), digits(IMAGES));
        assertThat(chunk).doesNotExist();
    }

    @Test
    void aFlippedBit() throws IOException {
        byte[] bytes = Files.readAllBytes(chunk);
        bytes[bytes.length / 2] ^= 1;
        Files.write(chunk, bytes);
        assertHealed();
    }

    @Test
    void aTruncatedFile() throws IOException {
        byte[] bytes = Files.readAllBytes(chunk);
        Files.write(chunk, Arrays.copyOf(bytes, bytes.length - 1));
        assertHealed();
    }

    @Test
    void anEmptyFile() throws IOException {
        Files.write(chunk, new byte[0]);
        assertHealed();
    }

    @Test
    void foreignFilesChangeNothing() throws IOException {
        Files.writeString(folder.resolve("readme.txt"), "mine");
        Files.writeString(chunk.resolveSibling("mine.features"), "mine");
        Path likeOurs = Files.writeString(chunk.resolveSibling(UUID.randomUUID() + ".features"), "nonsense");
        Files.createDirectories(chunk.resolveSibling(UUID.randomUUID() + ".features"));
        Files.writeString(chunk.resolveSibling(UUID.randomUUID() + ".part"), "half of a chunk");
        assertThat(computed(learner(), folder, digits(IMAGES))).isZero();
        assertThat(likeOurs).doesNotExist();
        assertSameAsWithout(FeatureCache.in(folder), learner(), digits(IMAGES));
    }

    @Test
    void oneDamagedFileOfSeveralCostsItsOwnImages() throws IOException {
        computed(learner(), folder, digits(IMAGES + 9));
        Files.write(chunk, new byte[100]);
        assertThat(computed(learner(), folder, digits(IMAGES + 9))).isEqualTo(IMAGES);
    }

    @Test
    void anInterruptionEndsTheFitAndLeavesTheCache() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> computed(learner(), folder, digits(IMAGES)))
                    .isInstanceOf(RuntimeException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(computed(learner(), folder, digits(IMAGES))).isZero();
    }

    @Test
    void aFileInPlaceOfTheFolderIsRefusedBeforeAnyWork() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        ComputedImages computed = new ComputedImages();
        assertThatThrownBy(() -> learner()
                        .featureCache(FeatureCache.in(file))
                        .listener(computed)
                        .fit(digits(IMAGES)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("a feature cache needs a folder, but " + file + " is a file");
        assertThat(computed.passes()).isZero();
    }

    @Test
    void whatWasComputedBeforeABrokenImageIsKept() {
        List<EncodedImage> images = Stream.concat(
                        digitFiles(70),
                        Stream.of(EncodedImage.of("broken", "0", "no image".getBytes(StandardCharsets.US_ASCII))))
                .toList();
        ImageDataset sound = ImageDataset.encoded(images.subList(0, 70));
        assertThatThrownBy(() -> computed(learner(), folder, ImageDataset.encoded(images)))
                .hasMessageContaining("broken");
        assertThat(computed(learner(), folder, sound)).isEqualTo(70 - 64);
    }

    @Test
    void anImageThatChangesMeanwhileIsNotKept() {
        byte[][] contents = {Pngs.of(digits(2).image(0)), Pngs.of(digits(2).image(1))};
        int[] reads = new int[1];
        EncodedImage changing = EncodedImage.of("changing", "a", () -> {
            reads[0]++;
            return new ByteArrayInputStream(contents[reads[0] == 1 ? 0 : 1]);
        });
        EncodedImage steady = EncodedImage.of("steady", "b", Pngs.of(digits(3).image(2)));
        FeatureCache cache = FeatureCache.in(folder.resolve("other"));
        assertThatThrownBy(() -> computed(learner(), cache.folder(), ImageDataset.encoded(List.of(changing, steady))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("changing was changed while its features were computed");
        assertThat(cache.list()).isEmpty();
    }

    private static Stream<EncodedImage> digitFiles(int count) {
        ImageDataset digits = digits(count);
        return IntStream.range(0, count)
                .mapToObj(i -> EncodedImage.of("digit " + i, digits.label(i), Pngs.of(digits.image(i))));
    }
}
