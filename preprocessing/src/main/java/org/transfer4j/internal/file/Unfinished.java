package org.transfer4j.internal.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file beside the one that it will replace, locked for as long as somebody writes it: what a killed process left
 * behind is not, and is swept by the next one that writes into the folder.
 */
public final class Unfinished implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Unfinished.class);
    private static final String PREFIX = ".transfer4j-";
    private static final String SUFFIX = ".tmp";
    private static final Pattern OURS = Pattern.compile(
            Pattern.quote(PREFIX) + "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" + Pattern.quote(SUFFIX));

    /** Of this process, not to be opened by it a second time: closing the second would release the lock of the first. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private Unfinished(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Makes one in an existing folder, which is swept first, once a process. */
    public static Unfinished in(Path folder) throws IOException {
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

    /** Its name. */
    public Path path() {
        return path;
    }

    /** For its content. */
    public FileChannel channel() {
        return channel;
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
    static void sweep(Path folder) {
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
