package org.transfer4j.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.transfer4j.internal.file.Sha256;
import org.transfer4j.internal.pixel.FloatPixels;
import org.transfer4j.preprocessing.ImageLimits;

/**
 * SHA-256 of what an image is made of. Each kind of content starts with its name and its dimensions, so that the same
 * bytes meant in another way are another image.
 */
final class ContentDigest {
    private static final int PIECE = 1 << 16;

    private final MessageDigest sha256 = Sha256.create();

    private ContentDigest(String kind, long... dimensions) {
        String head = LongStream.of(dimensions)
                .mapToObj(dimension -> " " + dimension)
                .collect(Collectors.joining("", kind, "\n"));
        sha256.update(head.getBytes(StandardCharsets.US_ASCII));
    }

    /** Of an encoded image, read up to its end, or up to where it is too long to be an image. */
    static byte[] ofEncoded(InputStream stream) throws IOException {
        ContentDigest digest = new ContentDigest("encoded");
        byte[] piece = new byte[PIECE];
        long total = 0;
        for (int count = stream.read(piece);
                count >= 0 && total <= ImageLimits.current().encodedBytes();
                count = stream.read(piece)) {
            digest.sha256.update(piece, 0, count);
            total += count;
        }
        return digest.sha256.digest();
    }

    /** Of gray pixels, one byte each, row by row. */
    static byte[] ofGray(int height, int width, byte[] pixels, int offset) {
        ContentDigest digest = new ContentDigest("gray", height, width);
        digest.sha256.update(pixels, offset, height * width);
        return digest.sha256.digest();
    }

    /** Of float pixels, to which every array is converted before it is used. */
    static byte[] ofFloats(FloatPixels pixels) {
        ContentDigest digest = new ContentDigest("floats", pixels.channels(), pixels.height(), pixels.width());
        ByteBuffer bytes =
                ByteBuffer.allocate(pixels.values().length * Float.BYTES).order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(pixels.values());
        digest.sha256.update(bytes);
        return digest.sha256.digest();
    }
}
