package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkMergeTest {
    private static final FeatureSpace SPACE = SampleSpace.named(1);
    private static final int FULL = 2048;
    private static final int MANY = ChunkMerge.FEW + 1;

    @TempDir
    private Path root;

    private Path write(int from, int to) throws IOException {
        return SampleSpace.write(root, SPACE, IntStream.range(from, to).toArray());
    }

    /** One after the other, of so many rows each, numbered on. */
    private List<Path> write(int chunks, int from, int rows) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            files.add(write(from + i * rows, from + (i + 1) * rows));
        }
        return files;
    }

    private void merge() {
        new ChunkMerge(new SpaceFolder(root, SPACE)).run();
    }

    private List<Path> chunks() throws IOException {
        return chunks(root);
    }

    private static List<Path> chunks(Path root) throws IOException {
        return StoredFile.in(new SpaceFolder(root, SPACE).path(), SpaceFolder::isChunk).stream()
                .map(StoredFile::path)
                .toList();
    }

    /** The numbers of all rows in order, after a look whether each row and each checksum is right. */
    private static int[] numbers(List<Path> chunks) throws IOException {
        IntStream.Builder numbers = IntStream.builder();
        for (Path file : chunks) {
            try (Chunk chunk = Chunk.open(SPACE, file)) {
                byte[] index = chunk.index();
                chunk.verifyRows();
                for (int row = 0; row < index.length / Sha256.BYTES; row++) {
                    int number = (int) SampleSpace.read(chunk, row)[0];
                    assertThat(SampleSpace.digest(number))
                            .isEqualTo(Arrays.copyOfRange(index, row * Sha256.BYTES, (row + 1) * Sha256.BYTES));
                    numbers.add(number);
                }
            }
        }
        return numbers.build().sorted().toArray();
    }

    private static int[] upTo(int end) {
        return IntStream.range(0, end).toArray();
    }

    @Test
    void manySmallChunksBecomeOne() throws IOException {
        write(MANY, 0, 3);
        merge();
        assertThat(chunks()).hasSize(1);
        assertThat(numbers(chunks())).isEqualTo(upTo(3 * MANY));
    }

    @Test
    void aFewAreLeftAlone() throws IOException {
        List<Path> few = write(ChunkMerge.FEW, 0, 3);
        merge();
        assertThat(chunks()).containsExactlyInAnyOrderElementsOf(few);
    }

    @Test
    void whatIsMoreThanOneChunkHoldsBecomesSeveral() throws IOException {
        int rows = FULL / 2 - 1;
        write(MANY, 0, rows);
        merge();
        assertThat(chunks())
                .hasSize((MANY * rows + FULL - 1) / FULL)
                .allSatisfy(file -> assertThat(Chunk.countRows(file)).isLessThanOrEqualTo(FULL));
        assertThat(numbers(chunks())).isEqualTo(upTo(MANY * rows));
    }

    @Test
    void halfFullChunksAreNotTouchedAndTheirRowsNotKeptTwice() throws IOException {
        Path half = write(0, FULL / 2);
        write(MANY, FULL / 2 - 5, 1);
        merge();
        assertThat(chunks()).hasSize(2).contains(half);
        assertThat(numbers(chunks())).isEqualTo(upTo(FULL / 2 - 5 + MANY));
    }

    @Test
    void whoWasKilledBeforeTheDeletionLeavesRowsTwiceUntilTheNextMerge(@TempDir Path aside) throws IOException {
        List<Path> small = write(MANY, 0, 3);
        for (Path file : small) {
            Files.copy(file, aside.resolve(file.getFileName()));
        }
        merge();
        for (Path file : small) {
            Files.copy(aside.resolve(file.getFileName()), file);
        }
        assertThat(numbers(chunks())).hasSize(2 * 3 * MANY);
        merge();
        assertThat(chunks()).hasSize(1);
        assertThat(numbers(chunks())).isEqualTo(upTo(3 * MANY));
    }

    @Test
    void smallOnesWhoseRowsAreAllInFullOnesGo() throws IOException {
        Path half = write(0, FULL / 2);
        write(MANY, 0, 3);
        merge();
        assertThat(chunks()).containsExactly(half);
    }

    @Test
    void whoHasASmallOneOpenReadsOn() throws IOException {
        Path file = write(MANY, 0, 3).get(1);
        try (Chunk open = Chunk.open(SPACE, file);
                Chunk mapped = Chunk.open(SPACE, file)) {
            mapped.map();
            merge();
            assertThat(file).doesNotExist();
            assertThat(SampleSpace.read(open, 2)).containsOnly(5);
            assertThat(SampleSpace.read(mapped, 2)).containsOnly(5);
        }
    }

    @Test
    void damagedOnesAreDeletedAndNoLossToTheOthers() throws IOException {
        List<Path> small = write(MANY, 0, 3);
        byte[] bytes = Files.readAllBytes(small.get(4));
        bytes[ChunkLayout.HEADER_BYTES] ^= 1;
        Files.write(small.get(4), bytes);
        Files.write(small.get(7), new byte[5]);
        merge();
        assertThat(chunks()).hasSize(1);
        assertThat(numbers(chunks()))
                .isEqualTo(IntStream.range(0, 3 * MANY)
                        .filter(number -> number / 3 != 4 && number / 3 != 7)
                        .toArray());
    }

    @Test
    void theMergedOneWasUsedWhenTheLastOfThemWas() throws IOException {
        Instant noon = Instant.parse("2024-06-01T12:00:00Z");
        List<Path> small = write(MANY, 0, 1);
        for (int i = 0; i < MANY; i++) {
            Files.setLastModifiedTime(small.get(i), FileTime.from(noon.plusSeconds(i % 5)));
        }
        merge();
        assertThat(StoredFile.in(new SpaceFolder(root, SPACE).path(), SpaceFolder::isChunk))
                .singleElement()
                .extracting(StoredFile::lastUsed)
                .isEqualTo(noon.plusSeconds(4));
    }

    @Test
    void aFullDiskLeavesTheSmallOnes() throws IOException {
        Configuration small =
                Configuration.unix().toBuilder().setMaxSize(1 << 18).build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path cache = disk.getPath("/cache");
            for (int i = 0; i < MANY; i++) {
                SampleSpace.write(
                        cache, SPACE, IntStream.range(400 * i, 400 * (i + 1)).toArray());
            }
            List<Path> before = chunks(cache);
            SpaceFolder folder = new SpaceFolder(cache, SPACE);
            new ChunkMerge(folder).run();
            assertThat(chunks(cache)).isEqualTo(before);
            assertThat(StoredFile.in(folder.path(), SpaceFolder::isPart)).isEmpty();
        }
    }

    @Property(tries = 30)
    void noRowIsLostAndNoneKeptTwice(
            @ForAll @Size(min = MANY, max = 20) List<@Size(min = 1, max = 12) List<@IntRange(max = 80) Integer>> chunks)
            throws IOException {
        try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
            Path cache = memory.getPath("/cache");
            TreeSet<Integer> different = new TreeSet<>();
            for (List<Integer> numbers : chunks) {
                SampleSpace.write(
                        cache, SPACE, numbers.stream().mapToInt(n -> n).toArray());
                different.addAll(numbers);
            }
            new ChunkMerge(new SpaceFolder(cache, SPACE)).run();
            assertThat(numbers(chunks(cache)))
                    .isEqualTo(different.stream().mapToInt(n -> n).toArray());
        }
    }

    @Test
    void rowsThatAreThereTwiceServe(@TempDir Path aside) throws IOException {
        GatedTrunk trunk = GatedTrunk.open();
        for (int images = 1; images < MANY; images++) {
            SamplePass.run(root, trunk, images);
        }
        Path folder = SamplePass.folder(root).path();
        for (StoredFile small : StoredFile.in(folder, SpaceFolder::isChunk)) {
            Files.copy(small.path(), aside.resolve(small.path().getFileName()));
        }
        SamplePass.run(root, trunk, MANY);
        assertThat(StoredFile.in(folder, SpaceFolder::isChunk)).hasSize(1);
        for (Path small : StoredFile.children(aside)) {
            Files.copy(small, folder.resolve(small.getFileName()));
        }
        SamplePass.run(root, trunk, MANY);
        assertThat(trunk.images()).isEqualTo(MANY);
        assertThat(StoredFile.in(folder, SpaceFolder::isChunk)).hasSize(MANY);
    }

    @Test
    void whoAddsAnImageFiftyTimesHasFewFilesAndComputesEachOnce() throws IOException {
        GatedTrunk trunk = GatedTrunk.open();
        for (int images = 1; images <= 50; images++) {
            SamplePass.run(root, trunk, images);
            assertThat(StoredFile.in(SamplePass.folder(root).path(), SpaceFolder::isChunk))
                    .hasSizeLessThanOrEqualTo(ChunkMerge.FEW);
        }
        SamplePass.run(root, trunk, 50);
        assertThat(trunk.images()).isEqualTo(50);
        assertThat(new CacheFolder(root).spaces())
                .singleElement()
                .extracting(SpaceSummary::rows)
                .isEqualTo(50L);
    }
}
