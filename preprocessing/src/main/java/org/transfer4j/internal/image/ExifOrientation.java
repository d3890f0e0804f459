package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.transpose;

import org.bytedeco.opencv.opencv_core.Mat;

/**
 * How EXIF says that an image is to be turned (EXIF 2.3, tag 0x0112): 1 to 8, 1 as it is. Read here, since the native
 * reader follows every entry wherever it leads.
 */
final class ExifOrientation {
    static final int UPRIGHT = 1;

    private static final int TAG = 0x0112;
    private static final int MOST = 8;
    private static final int ENTRY = 12;
    private static final int FIRST_DIRECTORY = 4;
    private static final int VALUE = 8;
    private static final int TURNED = 5;

    private ExifOrientation() {}

    /** Looks through the first directory of a TIFF structure, and upright is what has none. */
    static int read(EncodedBytes bytes, long start, long end) {
        if (end - start < FIRST_DIRECTORY + Integer.BYTES) {
            return UPRIGHT;
        }
        boolean little = bytes.bigEndian16(start) == 0x4949;
        long directory = start + number(bytes, start + FIRST_DIRECTORY, Integer.BYTES, little);
        if (directory + Short.BYTES > end) {
            return UPRIGHT;
        }
        long entries = number(bytes, directory, Short.BYTES, little);
        long entry = directory + Short.BYTES;
        for (long i = 0; i < entries && entry + ENTRY <= end; i++, entry += ENTRY) {
            if (number(bytes, entry, Short.BYTES, little) == TAG) {
                long orientation = number(bytes, entry + VALUE, Short.BYTES, little);
                return orientation >= UPRIGHT && orientation <= MOST ? (int) orientation : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    private static long number(EncodedBytes bytes, long position, int length, boolean little) {
        if (length == Short.BYTES) {
            return little ? bytes.littleEndian16(position) : bytes.bigEndian16(position);
        }
        return (little ? bytes.littleEndian32(position) : bytes.bigEndian32(position)) & 0xFFFFFFFFL;
    }

    /** Turns pixels in place of the given ones, which are closed. */
    static Mat apply(Mat pixels, int orientation) {
        if (orientation == UPRIGHT) {
            return pixels;
        }
        try (pixels) {
            Mat turned = new Mat();
            if (orientation >= TURNED) {
                transpose(pixels, turned);
            }
            Mat from = orientation >= TURNED ? turned : pixels;
            switch (orientation) {
                case 2, 6 -> flip(from, turned, 1);
                case 3, 7 -> flip(from, turned, -1);
                case 4, 8 -> flip(from, turned, 0);
                default -> {
                    // 5 is the transposed image
                }
            }
            return turned;
        }
    }
}
