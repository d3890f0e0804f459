package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.internal.cache.Chunk.ChunkWriter;
import org.transfer4j.internal.cache.ChunkSearch.RowLocations;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.internal.file.Sha256;

class ChunkTest {
    private static final FeatureSpace SPACE = SampleSpace.named(1);

    @TempDir
    private Path root;

    /** What a reader does before it trusts a chunk. */
    private static void verify(FeatureSpace space, Path file) throws IOException {
        try (Chunk chunk = Chunk.open(space, file)) {
            chunk.index();
            chunk.verifyRows();
        }
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        Path file = SampleSpace.write(root, SPACE, 5, 6, 7);
        try (Chunk chunk = Chunk.open(SPACE, file)) {
            byte[] index = chunk.index();
            assertThat(index).hasSize(3 * Sha256.BYTES);
            assertThat(Arrays.copyOf(index, Sha256.BYTES)).isEqualTo(SampleSpace.digest(5));
            chunk.verifyRows();
            assertThat(SampleSpace.read(chunk, 2)).containsOnly(7);
            assertThat(SampleSpace.read(chunk, 0)).containsOnly(5);
        }
        assertThat(Chunk.countRows(file)).isEqualTo(3);
    }

    @Test
    void aWriterGoesOnReadingWhatItWrote() throws IOException {
        ChunkWriter writer = ChunkWriter.create(new SpaceFolder(root, SPACE));
        writer.append(SampleSpace.row(3), SampleSpace.digest(3));
        new CacheFolder(root).clear();
        try (Chunk chunk = writer.finish()) {
            assertThat(SampleSpace.read(chunk, 0)).containsOnly(3);
            assertThat(chunk.file()).doesNotExist();
        }
    }

    @Test
    void anOpenChunkOutlivesItsFile() throws IOException {
        Path file = SampleSpace.write(root, SPACE, 5);
        try (Chunk chunk = Chunk.open(SPACE, file)) {
            Files.delete(file);
            chunk.verifyRows();
            assertThat(SampleSpace.read(chunk, 0)).containsOnly(5);
        }
    }

    @Test
    void mappedRowsOutliveTheFileAndAnInterruption() throws IOException {
        Path file = SampleSpace.write(root, SPACE, 5, 6, 7);
        try (Chunk chunk = Chunk.open(SPACE, file)) {
            chunk.map();
            Files.delete(file);
            Thread.currentThread().interrupt();
            assertThat(SampleSpace.read(chunk, 2)).containsOnly(7);
            assertThat(SampleSpace.read(chunk, 0)).containsOnly(5);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    static IntStream cuts() {
        int whole = 3 * 512 * Float.BYTES * 40;
        return IntStream.of(0, 5_000, whole / 2, whole);
    }

    /** In the page where it ends now zeros are read, behind that it is a fault, which the JVM tells of when it likes. */
    @ParameterizedTest
    @MethodSource("cuts")
    @DisabledOnOs(OS.WINDOWS)
    void aMappedFileThatIsCutShortIsNamed(int left) throws IOException {
        int rows = 40;
        FeatureSpace space = new FeatureSpace(SPACE.digest(), new long[] {3 * 512}, "wide");
        ChunkWriter writer = ChunkWriter.create(new SpaceFolder(root, space));
        ByteBuffer row = ByteBuffer.allocateDirect(space.rowBytes());
        for (int number = 0; number < rows; number++) {
            writer.append(row.clear(), SampleSpace.digest(number));
        }
        Chunk chunk = writer.finish();
        try (RowLocations locations = new RowLocations(rows)) {
            locations.add(chunk, IntStream.range(0, rows).toArray());
            for (int number = 0; number < rows; number++) {
                locations.read(number, 0, 3 * 512, row.clear());
            }
            locations.requireWhole();
            try (FileChannel channel = FileChannel.open(chunk.file(), StandardOpenOption.WRITE)) {
                channel.truncate(left);
            }

            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10 * rows; i++) {
                            locations.read(i % rows, 0, 3 * 512, row.clear());
                        }
                        locations.requireWhole();
                    })
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith("can't read features from the cache file " + chunk.file());
            assertThatThrownBy(locations::requireWhole)
                    .hasRootCauseMessage(chunk.file() + " was cut short while it was read: of its "
                            + (44 + rows * (3 * 512 * Float.BYTES + 32) + 12) + " bytes there are " + left);
        }
    }

    @Test
    void everyFlippedByteIsNoticed() throws IOException {
        Path file = SampleSpace.write(root, SPACE, 1, 2);
        byte[] sound = Files.readAllBytes(file);
        for (int i = 0; i < sound.length; i++) {
            byte[] damaged = sound.clone();
            damaged[i] ^= 0x10;
            Files.write(file, damaged);
            assertThatThrownBy(() -> verify(SPACE, file)).as("byte %d", i).isInstanceOf(Chunk.Damaged.class);
        }
        Files.write(file, sound);
        verify(SPACE, file);
    }

    @Test
    void everyOtherLengthIsNoticed() throws IOException {
        Path file = SampleSpace.write(root, SPACE, 1, 2);
        byte[] sound = Files.readAllBytes(file);
        for (int length = 0; length < sound.length + 100; length++) {
            if (length != sound.length) {
                Files.write(file, Arrays.copyOf(sound, length));
                assertThatThrownBy(() -> verify(SPACE, file))
                        .as("%d bytes", length)
                        .isInstanceOf(Chunk.Damaged.class);
            }
        }
    }

    @Test
    void aChunkOfAnotherSpaceIsRefused() throws IOException {
        Path file = SampleSpace.write(root, SPACE, 1, 2);
        assertThatThrownBy(() -> verify(SampleSpace.named(2), file)).isInstanceOf(Chunk.Damaged.class);
    }

    @Test
    void rowsThatDontFitAreRefusedAndADiscardedPartIsGone() throws IOException {
        SpaceFolder folder = new SpaceFolder(root, SPACE);
        ChunkWriter writer = ChunkWriter.create(folder);
        assertThatThrownBy(() -> writer.append(SampleSpace.row(1), new byte[2 * Sha256.BYTES]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 2 rows of 16 bytes, got 16 bytes");
        writer.discard();
        assertThat(StoredFile.in(folder.path(), SpaceFolder::isPart)).isEmpty();
    }
}
