package org.transfer4j.internal.feature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Works on a file channel on another thread and waits for it: a thread that is interrupted, as one is whose training
 * shall end, would close the channel.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Work that may fail. */
    interface FileWork<T> {
        T call() throws IOException;
    }

    static <T> T call(FileWork<T> work) throws IOException {
        try {
            return CompletableFuture.supplyAsync(() -> unchecked(work)).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException cause) {
                throw cause.getCause();
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static <T> T unchecked(FileWork<T> work) {
        try {
            return work.call();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
