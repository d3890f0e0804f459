package org.transfer4j.internal.image;

import org.jspecify.annotations.Nullable;

/** Walks the marker segments of a JPEG (ITU-T T.81, annex B) from start of image to end of image. */
final class JpegReader {
    private static final byte[] END_OF_IMAGE = {(byte) 0xFF, (byte) 0xD9};

    private final EncodedBytes bytes;
    private final Inspection inspection;
    private @Nullable ImageHeader header;

    private JpegReader(EncodedBytes bytes, Inspection inspection) {
        this.bytes = bytes;
        this.inspection = inspection;
    }

    static ImageHeader read(EncodedBytes bytes, Inspection inspection) {
        return new JpegReader(bytes, inspection).walk();
    }

    /** A thumbnail inside an application segment has an end of its own: segments are stepped over as a whole. */
    private ImageHeader walk() {
        boolean scanned = false;
        long position = 2;
        while (true) {
            position = nextMarker(position);
            int marker = bytes.unsignedByte(position - 1);
            if (marker == 0xD9) {
                return ended(scanned);
            }
            if (isStandalone(marker)) {
                continue;
            }
            int length = bytes.bigEndian16(position);
            if (length < 2) {
                throw bytes.refused("is a damaged JPEG: a segment of length " + length + " at byte " + position);
            }
            if (isFrame(marker)) {
                header = frame(marker, position);
            }
            position += length;
            if (marker == 0xDA) {
                scanned = true;
                if (inspection == Inspection.HEADER_AND_TAIL && bytes.endsNear(END_OF_IMAGE, position)) {
                    return ended(true);
                }
                position = endOfScan(position);
            }
        }
    }

    private ImageHeader ended(boolean scanned) {
        if (header == null || !scanned) {
            throw bytes.refused("is a damaged JPEG: it ends before its first scan");
        }
        return header;
    }

    /** The position behind the next marker's two bytes. Padding before it is passed over, as libjpeg does. */
    private long nextMarker(long from) {
        for (long position = from; position + 1 < bytes.size(); position++) {
            int next = bytes.unsignedByte(position + 1);
            if (bytes.unsignedByte(position) == 0xFF && next != 0 && next != 0xFF) {
                return position + 2;
            }
        }
        throw bytes.truncated("the end-of-image marker");
    }

    /** In entropy-coded data an FF is followed by 00, by a restart marker, or it begins the next segment. */
    private long endOfScan(long from) {
        for (long position = from; position + 1 < bytes.size(); position++) {
            if (bytes.unsignedByte(position) == 0xFF) {
                int next = bytes.unsignedByte(position + 1);
                if (next != 0 && next != 0xFF && !isRestart(next)) {
                    return position;
                }
            }
        }
        throw bytes.truncated("the end-of-image marker");
    }

    private ImageHeader frame(int marker, long position) {
        if (header != null) {
            throw bytes.refused("is a damaged JPEG: a second frame header at byte " + position);
        }
        if (marker > 0xC2) {
            throw bytes.refused("is a lossless, hierarchical or arithmetic JPEG (SOF" + (marker - 0xC0)
                    + "); baseline and progressive ones are supported");
        }
        int precision = bytes.unsignedByte(position + 2);
        if (precision != 8) {
            throw bytes.refused("is a JPEG of " + precision + " bits a sample; 8 are supported");
        }
        int height = bytes.bigEndian16(position + 3);
        int width = bytes.bigEndian16(position + 5);
        bytes.requireSize(width, height);
        return new ImageHeader(width, height);
    }

    private static boolean isFrame(int marker) {
        // C4, C8 and CC define Huffman tables, extensions and arithmetic conditioning
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    private static boolean isStandalone(int marker) {
        return marker == 0x01 || marker == 0xD8 || isRestart(marker);
    }

    private static boolean isRestart(int marker) {
        return marker >= 0xD0 && marker <= 0xD7;
    }
}
