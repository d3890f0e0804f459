package org.transfer4j.internal.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.file.FileFailure;

/**
 * Random access to an encoded image, in memory or in a file of which only the parts asked for are read. Reading past
 * the end is the error "truncated", so that the readers of the formats need not check each step. Of an image in memory
 * the readers keep the parts that the native decoder needs.
 */
final class EncodedBytes {
    private static final int WINDOW = 4096;

    /** libpng's, a little less than OpenCV's. */
    private static final int LONGEST_SIDE = 1_000_000;

    private final ImageOrigin origin;
    private final @Nullable SeekableByteChannel channel;
    private final ByteBuffer window;
    private final byte[] whole;
    private final long size;
    private long windowStart;
    private byte[] kept = {};
    private int keptLength;

    private EncodedBytes(
            ImageOrigin origin, @Nullable SeekableByteChannel channel, ByteBuffer window, byte[] whole, long size) {
        this.origin = origin;
        this.channel = channel;
        this.window = window;
        this.whole = whole;
        this.size = size;
    }

    static EncodedBytes of(byte[] bytes, ImageOrigin origin) {
        origin.requireEncodedBytes(bytes.length);
        return new EncodedBytes(origin, null, ByteBuffer.wrap(bytes), bytes, bytes.length);
    }

    /** The channel stays open: it is the caller's. */
    static EncodedBytes of(SeekableByteChannel channel, ImageOrigin origin) throws IOException {
        ByteBuffer empty = ByteBuffer.allocate(WINDOW).limit(0);
        return new EncodedBytes(origin, channel, empty, new byte[0], channel.size());
    }

    /** Opens a file that may be an image. A pipe would be waited for, and a device has no end. */
    static SeekableByteChannel open(Path file, ImageOrigin origin) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw origin.refused("is not a file but " + (attributes.isDirectory() ? "a folder" : "a pipe or a device"));
        }
        origin.requireEncodedBytes(attributes.size());
        return Files.newByteChannel(file);
    }

    /** Whether all is in memory, to be read from beginning to end. */
    boolean inMemory() {
        return channel == null;
    }

    /** The bytes in memory; not to be changed. */
    byte[] array() {
        return whole;
    }

    /** Keeps a part for the native decoder, behind what was kept before. */
    void keep(long from, long to) {
        if (inMemory()) {
            if (to > size) {
                throw truncated("byte " + (to - 1) + ", which its header promises");
            }
            if (kept.length == 0) {
                kept = new byte[(int) size];
            }
            int length = (int) (to - from);
            System.arraycopy(whole, (int) from, kept, keptLength, length);
            keptLength += length;
        }
    }

    /** Keeps other bytes for the native decoder; not copied. */
    void keepInstead(byte[] others) {
        kept = others;
        keptLength = others.length;
    }

    /** What was kept; the array may be longer. */
    byte[] kept() {
        return kept;
    }

    int keptLength() {
        return keptLength;
    }

    ImageOrigin origin() {
        return origin;
    }

    long size() {
        return size;
    }

    int unsignedByte(long position) {
        long offset = position - windowStart;
        if (offset < 0 || offset >= window.limit()) {
            load(position);
            offset = position - windowStart;
        }
        return window.get((int) offset) & 0xFF;
    }

    int bigEndian16(long position) {
        return unsignedByte(position) << 8 | unsignedByte(position + 1);
    }

    int bigEndian32(long position) {
        return bigEndian16(position) << 16 | bigEndian16(position + 2);
    }

    int littleEndian16(long position) {
        return unsignedByte(position) | unsignedByte(position + 1) << 8;
    }

    int littleEndian32(long position) {
        return littleEndian16(position) | littleEndian16(position + 2) << 16;
    }

    boolean startsWith(long position, byte[] expected) {
        if (position + expected.length > size) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (unsignedByte(position + i) != (expected[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the sequence stands in the last few kilobytes, and not before the given position. */
    boolean endsNear(byte[] sequence, long from) {
        for (long at = size - sequence.length; at >= Math.max(from, size - WINDOW); at--) {
            if (startsWith(at, sequence)) {
                return true;
            }
        }
        return false;
    }

    /** Up to the given number of bytes from the start. */
    byte[] head(int count) {
        byte[] head = new byte[(int) Math.min(count, size)];
        for (int i = 0; i < head.length; i++) {
            head[i] = (byte) unsignedByte(i);
        }
        return head;
    }

    ImageException refused(String reason) {
        return origin.refused(reason);
    }

    ImageException truncated(String missing) {
        return refused("is truncated: its " + size + " bytes end before " + missing);
    }

    void requireSize(long width, long height) {
        origin.requirePixels(width, height);
        if (Math.max(width, height) > LONGEST_SIDE) {
            throw refused("is " + width + "x" + height + " pixels: its decoder takes sides of up to " + LONGEST_SIDE);
        }
    }

    private void load(long position) {
        if (position < 0 || position >= size || channel == null) {
            throw truncated("byte " + position + ", which its format asks for");
        }
        try {
            // The last window reaches back from the end, so that a search from there backwards reads once.
            windowStart = Math.max(0, Math.min(position, size - WINDOW));
            window.clear();
            channel.position(windowStart);
            while (window.hasRemaining() && channel.read(window) >= 0) {
                // until the window is full or the file ends
            }
            window.flip();
        } catch (IOException e) {
            throw FileFailure.of(origin + " can't be read", e);
        }
        if (position - windowStart >= window.limit()) {
            throw truncated("byte " + position + ": the file shrank while it was read");
        }
    }
}
