package org.transfer4j.internal.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.transfer4j.error.ModelFileException;

/**
 * The model file. A ZIP file of stored entries: {@code manifest.json}, which has the sizes and SHA-256 of the others;
 * {@code topology.json}, {@code network.json}, {@code preprocessing.json}, {@code labels.json}, {@code history.json}
 * and {@code weights.safetensors}. Any ZIP tool can look into it; to be loaded it must be as this class wrote it, to
 * the bit. Nothing in it depends on the time or on the machine: the same contents give the same bytes.
 *
 * <p>The checksums find damage, not forgery: a file from a stranger may hold any weights. What it can't do is run code.
 */
public final class ModelArchive {
    private ModelArchive() {}

    /**
     * Writes a model file, whole or not at all: a file that was there before stays until the new one is complete.
     *
     * @throws IllegalArgumentException if the contents can't be written: a text that is not JSON, a topology that names
     *     a class which model files may not name, weights that are not float
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, ModelContents contents) {
        ArchiveContent content;
        try {
            content = ArchiveContent.of(contents);
        } catch (MalformedModelException e) {
            throw new IllegalArgumentException("This model can't be saved: " + e.reason(), e);
        }
        try {
            ReplacedFile.write(file, content::writeTo);
        } catch (IOException e) {
            throw new UncheckedIOException("Can't write the model file " + file + ": " + reasonOf(e), e);
        }
    }

    /**
     * Reads a model file.
     *
     * @throws ModelFileException if the file is damaged, not a Transfer4J model, or of a newer version
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    public static ModelContents read(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new FileSystemException(file.toString(), null, "a model file is needed, but this is a folder");
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return new ArchiveReading(channel).read();
            }
        } catch (MalformedModelException e) {
            throw new ModelFileException(file, e.reason(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read the model file " + file + ": " + reasonOf(e), e);
        }
    }

    private static String reasonOf(IOException e) {
        if (e instanceof NoSuchFileException missing && missing.getReason() == null) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof ClosedByInterruptException) {
            return "the thread was interrupted";
        }
        String reason = e instanceof FileSystemException known ? known.getReason() : e.getMessage();
        return reason == null ? e.toString() : reason;
    }
}
