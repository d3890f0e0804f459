package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.internal.cache.Chunk.ChunkLayout;
import org.transfer4j.internal.cache.Chunk.VerifiedChunks;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;

/** Damage to a chunk that a pass has written, and what the next pass in the same process makes of it. */
class VerifiedChunksTest {
    private static final int IMAGES = 20;

    @TempDir
    private Path root;

    private Path chunk;

    @BeforeEach
    void write() throws IOException {
        SamplePass.run(root, GatedTrunk.open(), IMAGES);
        List<StoredFile> chunks = StoredFile.in(SamplePass.folder(root).path(), SpaceFolder::isChunk);
        assertThat(chunks).hasSize(1);
        chunk = chunks.get(0).path();
    }

    private static byte[] damaged(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[ChunkLayout.HEADER_BYTES + 100] ^= 1;
        return bytes;
    }

    /** How many images the next pass computes. */
    private int computed() {
        GatedTrunk trunk = GatedTrunk.open();
        SamplePass.run(root, trunk, IMAGES);
        return trunk.images();
    }

    @Test
    void whatNobodyTouchedIsNotReadAgain() throws IOException {
        assertThat(VerifiedChunks.contains(chunk)).as("written").isTrue();
        assertThat(computed()).isZero();
        assertThat(VerifiedChunks.contains(chunk)).as("used").isTrue();
    }

    @Test
    void damageAfterTheFirstPassIsNoticedByTheTime() throws IOException {
        Files.write(chunk, damaged(chunk), StandardOpenOption.WRITE);
        Files.setLastModifiedTime(chunk, FileTime.from(Instant.now().plusSeconds(10)));
        assertThat(computed()).isEqualTo(IMAGES);
        assertThat(chunk).doesNotExist();
        assertThat(computed()).isZero();
    }

    @Test
    void damageAfterTheFirstPassIsNoticedByTheSize() throws IOException {
        FileTime modified = Files.getLastModifiedTime(chunk);
        Files.write(chunk, new byte[1], StandardOpenOption.APPEND);
        Files.setLastModifiedTime(chunk, modified);
        assertThat(VerifiedChunks.contains(chunk)).isFalse();
        assertThat(computed()).isEqualTo(IMAGES);
    }

    @Test
    void aFileInItsPlaceIsNoticed() throws IOException {
        assumeThat(Files.readAttributes(chunk, BasicFileAttributes.class).fileKey())
                .as("the file system tells files apart")
                .isNotNull();
        FileTime modified = Files.getLastModifiedTime(chunk);
        Path other = Files.write(root.resolve("other"), damaged(chunk));
        Files.setLastModifiedTime(other, modified);
        Files.move(other, chunk, StandardCopyOption.REPLACE_EXISTING);
        assertThat(computed()).isEqualTo(IMAGES);
    }

    @Test
    void damageBeforeTheFirstUseIsNoticed(@TempDir Path elsewhere) throws IOException {
        Path copy = SamplePass.folder(elsewhere).path().resolve(chunk.getFileName());
        Files.createDirectories(copy.getParent());
        Files.write(copy, damaged(chunk));
        GatedTrunk trunk = GatedTrunk.open();
        SamplePass.run(elsewhere, trunk, IMAGES);
        assertThat(trunk.images()).isEqualTo(IMAGES);
        assertThat(copy).doesNotExist();
    }

    @Test
    void aSoundChunkThatOthersUsedIsVerifiedAgainAndServes() throws IOException {
        Files.setLastModifiedTime(chunk, FileTime.from(Instant.now().plusSeconds(10)));
        assertThat(VerifiedChunks.contains(chunk)).isFalse();
        assertThat(computed()).isZero();
        assertThat(VerifiedChunks.contains(chunk)).isTrue();
    }
}
