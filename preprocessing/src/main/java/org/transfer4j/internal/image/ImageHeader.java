package org.transfer4j.internal.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * What an encoded image says of itself, read in Java before any native code sees the bytes.
 *
 * @param width columns of the stored pixels, before EXIF orientation; at least 1
 * @param height rows of the stored pixels
 * @param orientation by EXIF, 1 to 8; 1, upright, where only header and tail were read
 * @param decodedBytes what it takes to decode it
 */
public record ImageHeader(int width, int height, int orientation, long decodedBytes) {
    /**
     * Reads the header and the tail of a file, which is cheap enough to do for each file of a dataset before work begins.
     *
     * @param file an image
     * @return its header
     * @throws org.transfer4j.error.ImageException if it is empty, truncated, too large or not a JPEG, PNG or BMP
     * @throws UncheckedIOException if the file can't be read
     */
    public static ImageHeader check(Path file) {
        ImageOrigin origin = ImageOrigin.file(file);
        try {
            return Interruption.deferred(() -> {
                try (SeekableByteChannel channel = EncodedBytes.open(file, origin)) {
                    return read(EncodedBytes.of(channel, origin));
                }
            });
        } catch (IOException e) {
            throw FileFailure.of("can't read the image file " + file, e);
        }
    }

    /** Reads the structure: of a file the header and the tail, of what is in memory all. */
    static ImageHeader read(EncodedBytes bytes) {
        ImageHeader header = ImageFormat.of(bytes).read(bytes);
        ImageBounds.requireDecodedBytes(header.decodedBytes, bytes.origin());
        return header;
    }
}
