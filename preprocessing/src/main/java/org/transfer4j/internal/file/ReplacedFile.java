package org.transfer4j.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Writes a file so that its name always stands for one whole file: the old one until all of the new one is on the disk,
 * then the new one, with the old one's permissions. What fails on the way leaves the old file and nothing else. An
 * interrupted thread writes it too: what a fit that was interrupted has learned can be saved.
 */
public final class ReplacedFile {
    private static final Logger LOG = LoggerFactory.getLogger(ReplacedFile.class);

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
     * @throws UncheckedIOException if the folder is missing or not writable, the path is a folder or a device, or the disk is
     *     full
     */
    public static void write(Path file, String what, Writing writing) {
        Objects.requireNonNull(file, "file");
        try {
            write(file, writing);
        } catch (IOException e) {
            String name = file.toString();
            throw FileFailure.of("Can't write the " + what + " " + (name.isEmpty() ? "\"\"" : name), e);
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
                keepPermissions(target, unfinished.path);
                writing.to(unfinished.channel);
                unfinished.channel.force(true);
                // the second option is implied, but not by all file systems
                Files.move(
                        unfinished.path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            forceFolder(folder);
            return target;
        });
    }

    private static Path requireFolder(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "a file name is needed, but this is a folder");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new FileSystemException(
                    target.toString(), null, "a file can't take the place of a device, a pipe or the like, as this is");
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

    /** Before anything is in it: nobody shall read the new file who may not read the old one. */
    private static void keepPermissions(Path old, Path made) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(made, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        try {
            view.setPermissions(Files.getPosixFilePermissions(old));
        } catch (NoSuchFileException e) {
            // there is none, so that the system's default holds
        } catch (FileSystemException e) {
            LOG.debug("{} gets the permissions of a new file: {}", old, e.toString());
        }
    }

    /** Makes the move itself safe from a power cut, where the system lets a folder be opened: Windows does not. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // the file is complete and in place; only the guarantee against a power cut in this second is missing
        }
    }

    /**
     * A file beside the one that it will replace, locked for as long as somebody writes it: what a killed process left
     * behind is not, and is swept by the next one that writes into the folder.
     */
    private static final class Unfinished implements AutoCloseable {
        private static final String PREFIX = ".transfer4j-";
        private static final String SUFFIX = ".tmp";
        private static final Pattern OURS = Pattern.compile(
                Pattern.quote(PREFIX) + "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" + Pattern.quote(SUFFIX));

        /** Of this process, not to be opened by it a second time: closing the second would release the lock of the first. */
        private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

        private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

        private final Path path;
        private final FileChannel channel;

        Unfinished(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        /** Makes one in an existing folder, which is swept first, once a process. */
        static Unfinished in(Path folder) throws IOException {
            if (SWEPT.add(folder)) {
                sweep(folder);
            }
            while (true) {
                Unfinished made = make(folder.resolve(PREFIX + UUID.randomUUID() + SUFFIX));
                // else another process swept it in the moment before it was locked
                if (Files.exists(made.path)) {
                    return made;
                }
                made.close();
            }
        }

        private static Unfinished make(Path path) throws IOException {
            OPEN.add(path);
            try {
                FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                lock(channel);
                return new Unfinished(path, channel);
            } catch (NoSuchFileException e) {
                OPEN.remove(path);
                // its folder was there a moment ago; that of a system's own may be one in which no file can be made
                FileSystemException refused = new FileSystemException(
                        path.toString(), null, "no file can be made in the folder " + path.getParent());
                refused.initCause(e);
                throw refused;
            } catch (IOException | RuntimeException e) {
                OPEN.remove(path);
                throw e;
            }
        }

        /** Held until the channel is closed; null where it is not to be had, as on some network drives. */
        private static @Nullable FileLock lock(FileChannel channel) {
            try {
                return channel.tryLock();
            } catch (IOException | UnsupportedOperationException | OverlappingFileLockException e) {
                return null;
            }
        }

        /** Deletes what was not moved to its place. */
        @Override
        public void close() throws IOException {
            try (channel) {
                Files.deleteIfExists(path);
            } finally {
                OPEN.remove(path);
            }
        }

        /** Deletes what killed processes left in a folder. Never fails: what can't be deleted stays. */
        private static void sweep(Path folder) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
                for (Path file : found) {
                    if (OURS.matcher(String.valueOf(file.getFileName())).matches()
                            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                            && !OPEN.contains(file)) {
                        deleteIfLeft(file);
                    }
                }
            } catch (IOException | RuntimeException e) {
                LOG.debug("{} is not swept: {}", folder, e.toString());
            }
        }

        private static void deleteIfLeft(Path file) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                if (lock(channel) != null) {
                    Files.deleteIfExists(file);
                    LOG.info("deleted {}, which a process that was killed left behind", file);
                }
            } catch (IOException e) {
                LOG.debug("{} can't be deleted: {}", file, e.toString());
            }
        }
    }
}
