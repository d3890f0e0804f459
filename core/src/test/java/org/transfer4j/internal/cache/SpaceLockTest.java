package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpaceLockTest {
    @TempDir
    private Path folder;

    @Test
    void onlyOneHasIt() throws IOException {
        try (SpaceLock lock = SpaceLock.tryAcquire(folder).orElseThrow()) {
            assertThat(SpaceLock.tryAcquire(folder)).isEmpty();
            assertThat(SpaceLock.tryAcquire(folder.resolve("../" + folder.getFileName())))
                    .as("by another name")
                    .isEmpty();
            assertThat(SpaceLock.isHeldByThisThread()).isTrue();
            assertThat(lock).isNotNull();
        }
        assertThat(SpaceLock.isHeldByThisThread()).isFalse();
        SpaceLock.tryAcquire(folder).orElseThrow().close();
    }

    @Test
    void theLockOfAnotherProcessCounts() throws IOException {
        assertThat(SpaceLock.tryAcquire(folder, channel -> null)).isEmpty();
        assertThat(SpaceLock.tryAcquire(folder, channel -> {
                    throw new OverlappingFileLockException();
                }))
                .as("that of another class loader")
                .isEmpty();
        SpaceLock.tryAcquire(folder).orElseThrow().close();
    }

    @Test
    void aFileSystemWithoutLocksIsDoneWithout() throws IOException {
        SpaceLock.Locking none = channel -> {
            throw new IOException("No locks available");
        };
        try (SpaceLock lock = SpaceLock.tryAcquire(folder, none).orElseThrow()) {
            assertThat(SpaceLock.tryAcquire(folder, none)).as("among threads").isEmpty();
            assertThat(lock).isNotNull();
        }
    }

    @Test
    void anInterruptionIsNotTakenForAMissingLock() throws IOException {
        assertThatThrownBy(() -> SpaceLock.tryAcquire(folder, channel -> {
                    throw new ClosedByInterruptException();
                }))
                .isInstanceOf(ClosedByInterruptException.class);
        SpaceLock.tryAcquire(folder).orElseThrow().close();
    }

    @Test
    void withoutAFolderThereIsNone() throws IOException {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> SpaceLock.tryAcquire(missing)).isInstanceOf(NoSuchFileException.class);
        Files.createDirectories(missing);
        Optional<SpaceLock> lock = SpaceLock.tryAcquire(missing);
        assertThat(lock).isPresent();
        lock.orElseThrow().close();
    }
}
