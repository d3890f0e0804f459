package org.transfer4j.internal.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What an encoded image says of itself, read in Java before any native code sees the bytes.
 *
 * @param width columns of the stored pixels, before EXIF orientation; at least 1
 * @param height rows of the stored pixels; width x height is at most 100 megapixels
 */
public record ImageHeader(int width, int height) {
    /**
     * Reads the header and the tail of a file, which is cheap enough to do for each file of a dataset before work begins.
     *
     * @param file an image
     * @return its header
     * @throws org.transfer4j.error.ImageException if it is empty, truncated, too large or not a JPEG, PNG or BMP
     * @throws UncheckedIOException if the file can't be read
     */
    public static ImageHeader check(Path file) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            EncodedBytes bytes = EncodedBytes.of(channel, ImageOrigin.file(file));
            return ImageFormat.of(bytes).read(bytes, Inspection.HEADER_AND_TAIL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the whole structure of an image that is in memory. */
    static ImageHeader inspect(byte[] encoded, ImageOrigin origin) {
        EncodedBytes bytes = EncodedBytes.of(encoded, origin);
        return ImageFormat.of(bytes).read(bytes, Inspection.WHOLE);
    }
}
