package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.FreeSpace;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * The unfinished download on disk. What fails here is the disk and not the network, so that it is thrown as
 * {@link UncheckedIOException} and not tried again.
 */
final class PartFile implements AutoCloseable {
    private static final int LONGEST_VERSION = 1000;

    private final CacheEntry entry;
    private final FileChannel channel;
    private long length;

    private PartFile(CacheEntry entry, FileChannel channel, long length) {
        this.entry = entry;
        this.channel = channel;
        this.length = length;
    }

    /** Forgets what is there and remembers which version of the remote file comes now. */
    static void start(CacheEntry entry, Optional<String> version) {
        try {
            entry.deletePart();
            if (version.isPresent() && version.get().length() <= LONGEST_VERSION) {
                Files.writeString(entry.version(), version.get(), StandardCharsets.ISO_8859_1);
            }
        } catch (IOException e) {
            throw FileFailure.of("can't begin the download " + entry.part(), e);
        }
    }

    /** Which version of the remote file the part is of; empty where the server gave it no name. */
    static Optional<String> version(CacheEntry entry) {
        try {
            if (!Files.isRegularFile(entry.version()) || Files.size(entry.version()) > LONGEST_VERSION) {
                return Optional.empty();
            }
            String version = Files.readString(entry.version(), StandardCharsets.ISO_8859_1);
            boolean printable = version.chars().allMatch(c -> c >= ' ' && c <= '~');
            return printable && !version.isBlank() ? Optional.of(version) : Optional.empty();
        } catch (IOException e) {
            throw FileFailure.of("can't read the version of " + entry.part(), e);
        }
    }

    /** Opens for appending, after asking whether the rest will fit on the disk. */
    static PartFile open(CacheEntry entry, long offset, long end) {
        try {
            checkSpace(entry, end - offset);
            FileChannel channel = FileChannel.open(entry.part(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.position(offset);
            return new PartFile(entry, channel, offset);
        } catch (IOException e) {
            throw FileFailure.of("can't write to " + entry.part(), e);
        }
    }

    private static void checkSpace(CacheEntry entry, long needed) throws IOException {
        long free = FreeSpace.of(entry.folder());
        if (needed > free) {
            throw new FileSystemException(
                    entry.file().toString(),
                    null,
                    String.format(Locale.ROOT, "the disk is full: %,d bytes are needed, %,d are free", needed, free));
        }
    }

    long length() {
        return length;
    }

    void write(List<ByteBuffer> piece) {
        try {
            for (ByteBuffer bytes : piece) {
                while (bytes.hasRemaining()) {
                    length += channel.write(bytes);
                }
            }
        } catch (IOException e) {
            throw discard(e);
        }
    }

    /** Brings the bytes to the disk, so that the move that follows never shows a file without them. */
    void sync() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw discard(e);
        }
    }

    /** A disk that is full gets its space back. */
    private RuntimeException discard(IOException failure) {
        if (failure instanceof ClosedByInterruptException) {
            return Interruption.cancelled("the download of " + entry.remote().name(), failure);
        }
        try {
            channel.close();
            entry.deletePart();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return FileFailure.of(entry.part() + " can't be written", failure);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileFailure.of("can't close " + entry.part(), e);
        }
    }
}
