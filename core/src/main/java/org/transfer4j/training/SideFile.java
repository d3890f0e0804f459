package org.transfer4j.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.transfer4j.internal.file.FileFailure;

/** A file that a listener writes. */
final class SideFile {
    private SideFile() {}

    /**
     * Writes to it, also where the thread is interrupted, as one is whose fit shall end: the file is of use then too.
     *
     * @param what what is written, for the message
     */
    static void write(Path file, String what, byte[] content, OpenOption... options) {
        boolean interrupted = Thread.interrupted();
        try {
            Files.write(file, content, options);
        } catch (IOException e) {
            throw failed(file, what, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Finds out before a fit what would be found out after its first epoch.
     *
     * @throws UncheckedIOException if the file's folder is missing, or the file can't be written
     */
    static void requireWritable(Path file, String what) {
        boolean isNew = Files.notExists(file);
        try {
            if (Files.isDirectory(file)) {
                throw new FileSystemException(file.toString(), null, "a file name is needed, but this is a folder");
            }
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null && !Files.isDirectory(folder)) {
                throw new NoSuchFileException(file.toString(), null, "there is no folder " + folder);
            }
            Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                    .close();
            if (isNew) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw failed(file, what, e);
        }
    }

    private static UncheckedIOException failed(Path file, String what, IOException e) {
        String problem = "can't write " + what + " to " + file;
        return e instanceof NoSuchFileException missing && missing.getReason() == null
                ? new UncheckedIOException(problem + ": its folder does not exist", e)
                : FileFailure.of(problem, e);
    }
}
