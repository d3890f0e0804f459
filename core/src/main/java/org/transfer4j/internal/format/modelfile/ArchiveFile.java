package org.transfer4j.internal.format.modelfile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.interrupt.Interruption;

/** An archive as a file. */
final class ArchiveFile {
    private ArchiveFile() {}

    /**
     * Writes a file, whole or not at all: one that was there before stays until the new one is complete.
     *
     * @param what what the file is, for the message
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    static void write(Path file, String what, ArchiveContent content) {
        ReplacedFile.write(file, what, content::writeTo);
    }

    /**
     * Reads a file.
     *
     * @throws MalformedModelException if it is damaged, something else, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    static ArchiveReading.Parts read(Path file, ArchiveKind kind, ArchiveReading.TextCheck check)
            throws MalformedModelException {
        try {
            if (Files.isDirectory(file)) {
                throw new FileSystemException(
                        file.toString(), null, "a " + kind.noun() + " file is needed, but this is a folder");
            }
            return Interruption.deferred(() -> {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                    return new ArchiveReading(channel, kind).read(check);
                }
            });
        } catch (MalformedModelException e) {
            throw e;
        } catch (IOException e) {
            throw FileFailure.of("Can't read the " + kind.noun() + " file " + file, e);
        }
    }
}
