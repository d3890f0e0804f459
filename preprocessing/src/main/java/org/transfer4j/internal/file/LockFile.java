package org.transfer4j.internal.file;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to do what only one shall do at a time: among the threads of this JVM by a note in memory, among processes by a
 * lock on a file, which the operating system gives back when a process dies.
 *
 * <p>Both are needed: a second file lock within a JVM is an error, and on POSIX closing any channel of a file gives back
 * the process' locks on it. So nobody here opens the file of a lock that a thread of this JVM holds. The file stays when
 * the lock is given back, for the next one.
 */
public final class LockFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LockFile.class);
    private static final ConcurrentMap<Path, Holder> HOLDERS = new ConcurrentHashMap<>();

    private final Path file;
    private final FileChannel channel;
    private final boolean excludesProcesses;

    private LockFile(Path file, FileChannel channel, boolean excludesProcesses) {
        this.file = file;
        this.channel = channel;
        this.excludesProcesses = excludesProcesses;
    }

    private enum Outcome {
        LOCKED,
        TAKEN,
        /** The file system has no locks. */
        NONE
    }

    /**
     * Who has a right.
     *
     * @param awaited whether others wait until it is given back
     */
    private record Holder(Thread thread, boolean awaited) {}

    /** How a file is locked. */
    interface Locking {
        /** A lock, or null where another process has it. */
        @Nullable
        FileLock tryLock(FileChannel channel) throws IOException;
    }

    /**
     * Takes the right if nobody has it, not even this thread.
     *
     * @param file made where it is not there
     * @throws java.nio.file.NoSuchFileException if there is no folder
     */
    public static Optional<LockFile> tryAcquire(Path file) throws IOException {
        return tryAcquire(file, FileChannel::tryLock);
    }

    /**
     * As above, for a right that nobody waits for, be it that others give up where they don't get it: it does not count for
     * {@link #isHeldByThisThread}.
     */
    public static Optional<LockFile> tryAcquireUnawaited(Path file) throws IOException {
        return tryAcquire(file, FileChannel::tryLock, false);
    }

    static Optional<LockFile> tryAcquire(Path name, Locking locking) throws IOException {
        return tryAcquire(name, locking, true);
    }

    private static Optional<LockFile> tryAcquire(Path name, Locking locking, boolean awaited) throws IOException {
        Path file = real(name);
        if (HOLDERS.putIfAbsent(file, new Holder(Thread.currentThread(), awaited)) != null) {
            return Optional.empty();
        }
        Outcome outcome = Outcome.TAKEN;
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                outcome = lock(channel, file, locking);
                return outcome == Outcome.TAKEN
                        ? Optional.empty()
                        : Optional.of(new LockFile(file, channel, outcome == Outcome.LOCKED));
            } finally {
                if (outcome == Outcome.TAKEN) {
                    channel.close();
                }
            }
        } finally {
            if (outcome == Outcome.TAKEN) {
                HOLDERS.remove(file);
            }
        }
    }

    private static Outcome lock(FileChannel channel, Path file, Locking locking) throws IOException {
        try {
            return locking.tryLock(channel) == null ? Outcome.TAKEN : Outcome.LOCKED;
        } catch (OverlappingFileLockException e) {
            return Outcome.TAKEN; // the library, loaded a second time in this JVM
        } catch (AsynchronousCloseException e) {
            throw e; // the thread shall end
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("{} can't be locked, so other processes may do the same work: {}", file, e.toString());
            return Outcome.NONE;
        }
    }

    /** Whether other processes wait too: not on a file system without locks. */
    public boolean excludesProcesses() {
        return excludesProcesses;
    }

    /** By one name, whatever links lead to it. */
    private static Path real(Path file) throws IOException {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file in a folder")
                .toRealPath()
                .resolve(file.getFileName());
    }

    /** The thread of this JVM that has the right. */
    public static Optional<Thread> holder(Path file) throws IOException {
        return Optional.ofNullable(HOLDERS.get(real(file))).map(Holder::thread);
    }

    /** Whether this thread has a right that others may wait for, for any file. */
    public static boolean isHeldByThisThread() {
        return HOLDERS.containsValue(new Holder(Thread.currentThread(), true));
    }

    /**
     * Removes the file, before the folder. Another process that has just opened it may lock what nobody else will see: then
     * the same work may be done twice.
     */
    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Gives the right back. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HOLDERS.remove(file);
        }
    }
}
