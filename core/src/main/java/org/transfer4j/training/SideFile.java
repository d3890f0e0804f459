package org.transfer4j.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.file.TemporaryFile;

/** A file that is written beside a fit, as its plot or its figures. */
final class SideFile {
    private SideFile() {}

    /**
     * Puts it in the place of what is there, whole or not at all, also where the thread is interrupted, as one is whose fit shall
     * end: the file is of use then too. What can't be replaced, a device or a pipe, is written to.
     *
     * @param what what is written, for the message
     */
    static void replace(Path file, String what, byte[] content) {
        if (isDevice(file)) {
            write(file, what, content);
        } else {
            ReplacedFile.writeBytes(file, what, () -> content);
        }
    }

    /** Writes behind what is there; what fails leaves at most a part of the content there. */
    static void append(Path file, String what, byte[] content) {
        write(file, what, content, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
    }

    private static boolean isDevice(Path file) {
        return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
    }

    private static void write(Path file, String what, byte[] content, OpenOption... options) {
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
     * @throws UncheckedIOException if the file's folder is missing, or the file can't be written or replaced
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
            } else if (!isDevice(file)) {
                TemporaryFile.requireWritable(
                        Objects.requireNonNull(file.toRealPath().getParent(), "a file is in a folder"));
            }
        } catch (IOException e) {
            throw failed(file, what, e);
        }
    }

    private static UncheckedIOException failed(Path file, String what, IOException e) {
        return FileFailure.of("can't write the " + what + " to " + file, e);
    }
}
