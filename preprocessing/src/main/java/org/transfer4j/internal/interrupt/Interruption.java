package org.transfer4j.internal.interrupt;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an interrupted thread means: long work ends with a {@link CancellationException}, the reading or writing of one
 * file goes on to its end, and the thread stays interrupted in both cases. Queues and channels report an interruption by
 * exceptions of their own; here it is told from a failure.
 */
public final class Interruption {
    private static final int MOST_CAUSES = 20;

    private Interruption() {}

    /** Work that may fail. */
    public interface Work<T, E extends Exception> {
        /** Does it. */
        T call() throws E;
    }

    /** Whether an exception, or what caused it, means that a thread was interrupted. */
    public static boolean caused(Throwable failure) {
        return hasCause(
                failure,
                cause -> cause instanceof CancellationException
                        || cause instanceof InterruptedException
                        || isOfChannel(cause));
    }

    private static boolean isOfChannel(Throwable cause) {
        return cause instanceof ClosedByInterruptException || cause instanceof FileLockInterruptionException;
    }

    private static boolean hasCause(Throwable failure, Predicate<Throwable> wanted) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(MOST_CAUSES)
                .anyMatch(wanted);
    }

    /**
     * Ends work that is done piece by piece.
     *
     * @param work what the message says was interrupted
     * @throws CancellationException if the thread is interrupted
     */
    public static void check(String work) {
        if (Thread.currentThread().isInterrupted()) {
            throw cancelled(work, null);
        }
    }

    /** The exception that says that work was interrupted. */
    public static CancellationException cancelled(String work, @Nullable Throwable cause) {
        CancellationException cancelled = new CancellationException(work + " was interrupted");
        cancelled.initCause(cause);
        return cancelled;
    }

    /**
     * The exception for a thread that was interrupted while it waited, which it stays.
     *
     * @param what what it waited for
     */
    public static CancellationException whileWaiting(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException("interrupted while waiting for " + what);
        cancelled.initCause(cause);
        return cancelled;
    }

    /**
     * Does long work, whose parts may find out in many ways that the thread was interrupted.
     *
     * @param work what the message says was interrupted
     * @throws CancellationException if the thread was interrupted before or meanwhile; it stays interrupted
     */
    public static <T> T cancellable(String work, Supplier<T> action) {
        check(work);
        try {
            return action.get();
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw caused(e) ? cancelled(work, e) : e;
        }
    }

    /**
     * Does short work on files to its end: an interrupted thread would close the channel. Where that happens in the midst
     * of it, it begins anew. The thread is interrupted afterwards if it was before or became so.
     */
    public static <T, E extends Exception> T deferred(Work<T, E> work) throws E {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return work.call();
                } catch (Exception e) {
                    if (!hasCause(e, Interruption::isOfChannel) || !Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Does work on a file to its end that can't begin anew: on a thread of its own, which nobody interrupts, while the caller
     * waits. An interrupt of a thread that works on a channel closes it, and with it all that was not written yet is lost.
     */
    public static <T> T shielded(Work<T, IOException> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work::call);
        Thread thread = new Thread(task, "transfer4j-file");
        thread.setDaemon(true);
        thread.start();
        join(thread);
        try {
            return task.get();
        } catch (InterruptedException e) {
            throw whileWaiting("a file", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(cause);
        }
    }

    /** Waits for a thread's end, also where the waiting one is interrupted, which it stays. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
