package org.transfer4j.internal.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.file.FileFailure;

/**
 * The right to download one file: among the threads of this JVM by a lock in memory, among processes by a lock on a
 * file, which the operating system gives back when a process dies.
 *
 * <p>Both are needed: a second file lock within a JVM is an error, and on POSIX closing any channel of a file gives back
 * the process' locks on it.
 */
final class CacheLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CacheLock.class);
    private static final long POLL_MILLIS = 50;
    private static final ConcurrentMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final ReentrantLock thread;
    private final FileLock process;

    private CacheLock(ReentrantLock thread, FileLock process) {
        this.thread = thread;
        this.process = process;
    }

    /** Waits for the right. */
    static CacheLock acquire(CacheEntry entry) throws InterruptedException {
        ReentrantLock thread = threadLock(entry.lock());
        if (!thread.tryLock()) {
            LOG.info(
                    "waiting for another thread that downloads {}",
                    entry.remote().name());
            thread.lockInterruptibly();
        }
        boolean locked = false;
        try {
            FileChannel channel = FileChannel.open(entry.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                CacheLock lock = new CacheLock(thread, lock(channel, entry));
                locked = true;
                return lock;
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
        } catch (IOException e) {
            throw entry.unwritable(e);
        } finally {
            if (!locked) {
                thread.unlock();
            }
        }
    }

    /**
     * Takes the right if nobody has it. Nobody means not even the thread that asks, which may be in the middle of a
     * download when it hears of its progress.
     */
    static Optional<CacheLock> tryAcquire(Path lock) throws IOException {
        ReentrantLock thread = threadLock(lock);
        if (thread.isHeldByCurrentThread() || !thread.tryLock()) {
            return Optional.empty();
        }
        boolean locked = false;
        try {
            FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                @Nullable FileLock process = channel.tryLock();
                locked = process != null;
                return process == null ? Optional.empty() : Optional.of(new CacheLock(thread, process));
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
        } finally {
            if (!locked) {
                thread.unlock();
            }
        }
    }

    private static ReentrantLock threadLock(Path lock) {
        return THREADS.computeIfAbsent(lock.toAbsolutePath().normalize(), path -> new ReentrantLock());
    }

    /** Polls, because a blocking lock can't be interrupted without closing the channel. */
    private static FileLock lock(FileChannel channel, CacheEntry entry) throws IOException, InterruptedException {
        @Nullable FileLock lock = channel.tryLock();
        if (lock == null) {
            LOG.info(
                    "waiting for another process that downloads {}",
                    entry.remote().name());
        }
        while (lock == null) {
            Thread.sleep(POLL_MILLIS);
            lock = channel.tryLock();
        }
        return lock;
    }

    @Override
    public void close() {
        try {
            process.acquiredBy().close();
        } catch (IOException e) {
            throw FileFailure.of("can't close a lock in the cache folder", e);
        } finally {
            thread.unlock();
        }
    }
}
