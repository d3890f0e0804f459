package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.internal.cache.Chunk.ChunkWriter;
import org.transfer4j.internal.file.LockFile;

class CacheFolderTest {
    private static final Instant NOON = Instant.parse("2024-06-01T12:00:00Z");

    @TempDir
    private Path folder;

    private Path root;
    private CacheFolder cache;

    @BeforeEach
    void nameTheFolder() {
        root = folder.resolve("cache");
        cache = new CacheFolder(root);
    }

    private Path chunk(int space, int usedAfterSeconds, int... numbers) throws IOException {
        Path file = SampleSpace.write(root, SampleSpace.named(space), numbers);
        Files.setLastModifiedTime(file, FileTime.from(NOON.plusSeconds(usedAfterSeconds)));
        return file;
    }

    @Test
    void spacesAreListedByLastUse() throws IOException {
        Path first = chunk(1, 30, 1, 2, 3);
        Path second = chunk(1, 10, 4);
        Path other = chunk(2, 20, 5);
        assertThat(cache.spaces())
                .containsExactly(
                        new CacheFolder.Space(
                                "01".repeat(32),
                                "sample 1",
                                4,
                                Files.size(first) + Files.size(second),
                                NOON.plusSeconds(30)),
                        new CacheFolder.Space("02".repeat(32), "sample 2", 1, Files.size(other), NOON.plusSeconds(20)));
        assertThat(cache.bytes()).isEqualTo(Files.size(first) + Files.size(second) + Files.size(other));
    }

    @Test
    void aFolderThatIsNotThereIsEmpty() {
        assertThat(cache.spaces()).isEmpty();
        assertThat(cache.bytes()).isZero();
        cache.clear();
        assertThat(root).doesNotExist();
    }

    @Test
    void theLeastRecentlyUsedGoFirstWhicheverSpaceTheyAreIn() throws IOException {
        Path oldest = chunk(1, 10, 1);
        Path newest = chunk(1, 40, 2);
        Path older = chunk(2, 20, 3);
        Path newer = chunk(3, 30, 4);
        cache.trim(2 * Files.size(newest));
        assertThat(oldest).doesNotExist();
        assertThat(older.getParent()).doesNotExist();
        assertThat(newer).exists();
        assertThat(newest).exists();
        cache.trim(2 * Files.size(newest));
        assertThat(cache.spaces()).hasSize(2);
    }

    /** In a cache that several users share the folder of another may not be writable: the features of a fit are there all the same. */
    @Test
    void whatCantBeDeletedEndsNoFit() throws IOException {
        Path others = chunk(1, 10, 1);
        Path unreadable = chunk(2, 20, 2).getParent();
        Path mine = chunk(3, 30, 3);
        assumeTrue(Files.getFileStore(root).supportsFileAttributeView("posix"));
        Files.setPosixFilePermissions(others.getParent(), PosixFilePermissions.fromString("r-xr-xr-x"));
        Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("---------"));
        try {
            assumeFalse(Files.isReadable(unreadable), "root may do all");
            cache.trim(1);
            assertThat(others).exists();
            assertThat(mine).doesNotExist();
        } finally {
            Files.setPosixFilePermissions(others.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** The same for root too, who may delete all but a folder that is not empty. */
    @Test
    void whatIsNoFileEndsNoFit() throws IOException {
        Path mine = chunk(3, 30, 3);
        Path folder = root.resolve("04".repeat(32));
        Files.createDirectories(folder.resolve(SpaceFolder.LOCK));
        Files.createDirectories(folder.resolve(SpaceFolder.DESCRIPTION));
        cache.trim(1);
        assertThat(mine).doesNotExist();
        assertThat(folder.resolve(SpaceFolder.LOCK)).isDirectory();
    }

    @Test
    void onlyAbandonedPartsAreSweptUp() throws IOException {
        SpaceFolder space = new SpaceFolder(root, SampleSpace.named(1));
        Path abandoned = space.newPart();
        space.openPart(abandoned).close();
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        ChunkWriter atWork = ChunkWriter.create(space);
        atWork.append(SampleSpace.row(1), SampleSpace.digest(1));
        cache.trim(Long.MAX_VALUE);
        assertThat(abandoned).doesNotExist();
        try (Chunk chunk = atWork.finish()) {
            assertThat(chunk.file()).exists();
        }
    }

    @Test
    void aFolderInWhichSomebodyComputesStaysUntilItEnds() throws IOException {
        SpaceFolder space = new SpaceFolder(root, SampleSpace.named(1));
        try (LockFile lock = space.tryLock().orElseThrow()) {
            cache.trim(1);
            cache.clear();
            assertThat(space.path().resolve(SpaceFolder.LOCK)).exists();
            assertThat(lock).isNotNull();
        }
        cache.trim(1);
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void foreignFilesAreNeitherCountedNorDeleted() throws IOException {
        Path chunk = chunk(1, 0, 1);
        Path beside = Files.writeString(root.resolve("thesis.txt"), "mine");
        Path inside = Files.writeString(chunk.resolveSibling("notes.features"), "mine");
        Path folderOfMine = Files.createDirectories(root.resolve("ab".repeat(31)));
        long own = Files.size(chunk);
        assertThat(cache.bytes()).isEqualTo(own);
        assertThat(cache.spaces())
                .singleElement()
                .extracting(CacheFolder.Space::rows)
                .isEqualTo(1L);
        cache.clear();
        assertThat(chunk).doesNotExist();
        assertThat(beside).exists();
        assertThat(inside).exists();
        assertThat(folderOfMine).exists();
    }

    @Test
    void clearLeavesAnEmptyFolder() throws IOException {
        chunk(1, 0, 1);
        chunk(2, 0, 2);
        cache.clear();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Files.writeString(root, "a file");
        assertThatThrownBy(cache::requireWritable)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("a feature cache needs a folder, but " + root + " is a file");
        assertThatThrownBy(cache::spaces)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("can't list the feature cache " + root + ": it is no folder");
    }

    @Test
    void aFolderThatCantBeMadeIsNamed() throws IOException {
        Files.writeString(root, "a file");
        Path below = root.resolve("cache");
        assertThatThrownBy(() -> new CacheFolder(below).requireWritable())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(below.toString());
    }

    @Test
    void tryingTheFolderLeavesNothingBehind() {
        cache.requireWritable();
        assertThat(root).isEmptyDirectory();
    }
}
