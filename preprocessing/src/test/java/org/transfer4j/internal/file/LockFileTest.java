package org.transfer4j.internal.file;

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

class LockFileTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("x.lock");
    }

    @Test
    void onlyOneHasIt() throws IOException {
        try (LockFile lock = LockFile.tryAcquire(file()).orElseThrow()) {
            assertThat(LockFile.tryAcquire(file())).isEmpty();
            assertThat(LockFile.tryAcquire(folder.resolve("../" + folder.getFileName() + "/x.lock")))
                    .as("by another name")
                    .isEmpty();
            assertThat(LockFile.isHeldByThisThread()).isTrue();
            assertThat(LockFile.holder(file())).contains(Thread.currentThread());
            assertThat(lock.excludesProcesses()).isTrue();
        }
        assertThat(LockFile.isHeldByThisThread()).isFalse();
        assertThat(LockFile.holder(file())).isEmpty();
        LockFile.tryAcquire(file()).orElseThrow().close();
    }

    /** Who has it may wait for another one: nobody waits for this. */
    @Test
    void oneThatNobodyWaitsForExcludesAndDoesNotCount() throws IOException {
        try (LockFile lock = LockFile.tryAcquireUnawaited(file()).orElseThrow()) {
            assertThat(LockFile.tryAcquire(file())).isEmpty();
            assertThat(LockFile.isHeldByThisThread()).isFalse();
            assertThat(lock.excludesProcesses()).isTrue();
        }
        LockFile.tryAcquire(file()).orElseThrow().close();
    }

    @Test
    void theLockOfAnotherProcessCounts() throws IOException {
        assertThat(LockFile.tryAcquire(file(), channel -> null)).isEmpty();
        assertThat(LockFile.tryAcquire(file(), channel -> {
                    throw new OverlappingFileLockException();
                }))
                .as("that of another class loader")
                .isEmpty();
        LockFile.tryAcquire(file()).orElseThrow().close();
    }

    @Test
    void aFileSystemWithoutLocksIsDoneWithout() throws IOException {
        LockFile.Locking none = channel -> {
            throw new IOException("No locks available");
        };
        try (LockFile lock = LockFile.tryAcquire(file(), none).orElseThrow()) {
            assertThat(LockFile.tryAcquire(file(), none)).as("among threads").isEmpty();
            assertThat(lock.excludesProcesses()).isFalse();
        }
    }

    @Test
    void anInterruptionIsNotTakenForAMissingLock() throws IOException {
        assertThatThrownBy(() -> LockFile.tryAcquire(file(), channel -> {
                    throw new ClosedByInterruptException();
                }))
                .isInstanceOf(ClosedByInterruptException.class);
        LockFile.tryAcquire(file()).orElseThrow().close();
    }

    @Test
    void withoutAFolderThereIsNone() throws IOException {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> LockFile.tryAcquire(missing.resolve("x.lock")))
                .isInstanceOf(NoSuchFileException.class);
        Files.createDirectories(missing);
        Optional<LockFile> lock = LockFile.tryAcquire(missing.resolve("x.lock"));
        assertThat(lock).isPresent();
        lock.orElseThrow().close();
    }
}
