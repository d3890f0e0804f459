package org.transfer4j.internal.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
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
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import org.transfer4j.download.DownloadProgress;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DownloadException;
import org.transfer4j.internal.download.CacheFolder.CacheEntry;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.FreeSpace;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.listener.ListenerGuard;

/** One attempt: asks for what is missing of a file and appends it to the part that is there. */
final class Transfer {
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final DownloadSettings settings;
    private final CacheEntry entry;
    private final ListenerGuard<DownloadProgress> progress;
    private final Client client;

    Transfer(DownloadSettings settings, CacheEntry entry, ListenerGuard<DownloadProgress> progress) {
        this.progress = progress;
        this.settings = settings;
        this.entry = entry;
        this.client = new Client(settings);
    }

    /**
     * Completes the part, as far as the server's word goes.
     *
     * @return whether bytes of an earlier attempt are in it
     * @throws UncheckedIOException if the part can't be written
     * @throws IOException if the network or the server fails
     */
    boolean run(URI address) throws IOException, InterruptedException {
        long offset = usablePart();
        if (offset > 0 && offset == entry.remote().size()) {
            return true;
        }
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = client.get(address, offset, PartFile.version(entry));
        try (Client.BodyReader body = new Client.BodyReader(response.body(), settings.stallTimeout())) {
            int status = response.statusCode();
            if (offset > 0 && status == RANGE_NOT_SATISFIABLE) {
                return true;
            }
            if (status == PARTIAL && offset > 0) {
                checkRange(response.headers(), offset);
                append(body, offset, offset + rest(response.headers(), offset));
                return true;
            }
            if (status != OK) {
                throw failure(address, response);
            }
            OptionalLong length = announced(response.headers());
            long size = entry.remote().size();
            if (size >= 0 && length.isPresent() && length.getAsLong() != size) {
                // the part stays: a page in place of the file says nothing about it, and another server may go on with
                // it
                throw new DownloadException(
                        entry.file(),
                        String.format(
                                Locale.ROOT,
                                "the server sends another file: %s announces %,d bytes, expected are %,d",
                                address,
                                length.getAsLong(),
                                size));
            }
            PartFile.start(entry, version(response.headers()));
            append(body, 0, length.orElse(size));
            return false;
        }
    }

    /** How much of an earlier attempt can be used. */
    private long usablePart() {
        try {
            if (!Files.isRegularFile(entry.part())) {
                return 0;
            }
            long length = Files.size(entry.part());
            if (entry.remote().size() < 0 || length <= entry.remote().size()) {
                return length;
            }
            entry.deletePart();
            return 0;
        } catch (IOException e) {
            throw FileFailure.of("can't look at " + entry.part(), e);
        }
    }

    private void append(Client.BodyReader body, long offset, long end) throws IOException, InterruptedException {
        long size = entry.remote().size();
        try (PartFile part = PartFile.open(entry, offset, Math.max(size, end))) {
            tell(part);
            for (List<ByteBuffer> piece = body.next(); piece != null; piece = body.next()) {
                part.write(piece);
                if (size >= 0 && part.length() > size) {
                    throw otherFile(String.format(Locale.ROOT, "more than the expected %,d bytes came", size));
                }
                tell(part);
                body.proceed();
            }
            if (part.length() < size) {
                throw new IOException(
                        String.format(Locale.ROOT, "the connection ended at %,d of %,d bytes", part.length(), size));
            }
            part.sync();
        }
    }

    private void tell(PartFile part) {
        progress.tell(listener -> listener.advanced(entry.remote().name(), part.length()));
    }

    private void checkRange(HttpHeaders headers, long offset) throws IOException {
        String range = headers.firstValue("Content-Range").orElse("");
        String total = entry.remote().size() < 0 ? "" : "/" + entry.remote().size();
        if (!range.startsWith("bytes " + offset + "-") || !(range.endsWith(total) || range.endsWith("/*"))) {
            entry.deletePart();
            throw new IOException("asked for bytes from " + offset + ", the server sends \"" + range + "\"");
        }
    }

    /** The number of bytes that are to come, 0 where nobody knows; fewer than asked for are allowed (RFC 9110, 15.3.7). */
    private long rest(HttpHeaders headers, long offset) throws IOException {
        long announced = announced(headers).orElse(0);
        long size = entry.remote().size();
        if (size >= 0 && announced > size - offset) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "asked for the %,d bytes from %,d on, the server announces %,d",
                    size - offset,
                    offset,
                    announced));
        }
        return announced;
    }

    private DownloadException otherFile(String reason) {
        try {
            entry.deletePart();
        } catch (IOException e) {
            throw FileFailure.of("can't delete " + entry.part(), e);
        }
        return new DownloadException(entry.file(), "the server sends another file: " + reason);
    }

    private static IOException failure(URI address, HttpResponse<?> response) {
        int status = response.statusCode();
        String location = response.headers()
                .firstValue("Location")
                .map(to -> to.replaceFirst("//[^/]*@", "//"))
                .map(to -> " (a redirect to " + to + ", which is not followed)")
                .orElse("");
        String message = address + " answers " + status + location;
        boolean passing = status >= 500 || status == 408 || status == 429;
        boolean missing = status == 403 || status == 404 || status == 410;
        return passing ? new IOException(message) : new Client.GivenUp(message, null, missing);
    }

    private static OptionalLong announced(HttpHeaders headers) {
        return headers.firstValueAsLong("Content-Length");
    }

    /** What If-Range accepts: a strong entity tag, else the date of the last change. */
    private static Optional<String> version(HttpHeaders headers) {
        return headers.firstValue("ETag")
                .filter(tag -> !tag.startsWith("W/"))
                .or(() -> headers.firstValue("Last-Modified"));
    }

    /**
     * The unfinished download on disk. What fails here is the disk and not the network, so that it is thrown as
     * {@link UncheckedIOException} and not tried again.
     */
    private static final class PartFile implements AutoCloseable {
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
                FileChannel channel =
                        FileChannel.open(entry.part(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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
                        String.format(
                                Locale.ROOT, "the disk is full: %,d bytes are needed, %,d are free", needed, free));
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
                return Interruption.cancelled(
                        "the download of " + entry.remote().name(), failure);
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
}
