package org.transfer4j.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Writes a file so that its name always stands for one whole file: the old one until all of the new one is on the disk,
 * then the new one. What fails on the way leaves the old file and nothing else. An interrupted thread writes it too: what
 * a fit that was interrupted has learned can be saved.
 */
public final class ReplacedFile {
    private ReplacedFile() {}

    /** Writes the bytes of the new file. */
    public interface Writing {
        /** Writes them all, from the start. */
        void to(FileChannel channel) throws IOException;
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @param what what the file is, for the message
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder, or the disk is full
     */
    public static void write(Path file, String what, Writing writing) {
        try {
            write(file, writing);
        } catch (IOException e) {
            throw FileFailure.of("Can't write the " + what + " " + file, e);
        }
    }

    /** As above, of bytes that are made when it is known that the file can be written. */
    public static void writeBytes(Path file, String what, Supplier<byte[]> content) {
        write(file, what, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(content.get());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    static void write(Path file, Writing writing) throws IOException {
        Path target = Files.isSymbolicLink(file) && Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path folder = requireFolder(target);
        Interruption.deferred(() -> {
            // in the same folder because a move is atomic only within a file system
            try (Unfinished unfinished = Unfinished.in(folder)) {
                writing.to(unfinished.channel());
                unfinished.channel().force(true);
                Files.move(unfinished.path(), target, StandardCopyOption.ATOMIC_MOVE);
            }
            forceFolder(folder);
            return target;
        });
    }

    private static Path requireFolder(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "a file name is needed, but this is a folder");
        }
        Path folder = target.getParent();
        if (folder == null || !Files.exists(folder)) {
            throw new NoSuchFileException(
                    String.valueOf(folder), null, "the folder must exist before a file is written into it");
        }
        if (!Files.isDirectory(folder)) {
            throw new FileSystemException(folder.toString(), null, folder + " is a file, and a folder is needed");
        }
        if (folder.getFileSystem().isReadOnly()) {
            throw new FileSystemException(folder.toString(), null, "the file system is read-only");
        }
        return folder;
    }

    /** Makes the move itself safe from a power cut, where the system lets a folder be opened: Windows does not. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // the file is complete and in place; only the guarantee against a power cut in this second is missing
        }
    }
}
