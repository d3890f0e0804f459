package org.transfer4j.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file could not be read or written, in words; the exceptions of {@code java.nio.file} have a path alone. */
public final class FileFailure {
    private FileFailure() {}

    /**
     * The exception for callers, whose message says it all: causes are often not printed.
     *
     * @param problem what can't be done, with the path
     */
    public static UncheckedIOException of(String problem, IOException e) {
        return new UncheckedIOException(problem + ": " + reason(e), e);
    }

    /** What the exception says, without the path. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException missing && missing.getReason() == null) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NotDirectoryException) {
            return "it is no folder";
        }
        if (e instanceof ClosedByInterruptException) {
            return "the thread was interrupted";
        }
        String reason = e instanceof FileSystemException known ? known.getReason() : e.getMessage();
        // what Linux and macOS say
        if ("Is a directory".equals(reason)) {
            return "a file name is needed, but this is a folder";
        }
        return reason == null ? e.toString() : reason;
    }
}
