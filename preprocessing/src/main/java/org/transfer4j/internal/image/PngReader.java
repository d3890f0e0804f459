package org.transfer4j.internal.image;

import java.util.HexFormat;

/** Walks the chunks of a PNG (ISO/IEC 15948) from IHDR to IEND. */
final class PngReader {
    private static final int IHDR = 0x49484452;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final byte[] LAST_CHUNK = HexFormat.of().parseHex("0000000049454e44ae426082");
    private static final int FIRST_CHUNK = 8;

    /** Length, type and checksum. */
    private static final int FRAMING = 12;

    private PngReader() {}

    static ImageHeader read(EncodedBytes bytes, Inspection inspection) {
        if (bytes.bigEndian32(FIRST_CHUNK) != 13 || bytes.bigEndian32(FIRST_CHUNK + 4) != IHDR) {
            throw bytes.refused("is a damaged PNG: its first chunk must be IHDR of 13 bytes");
        }
        long width = bytes.bigEndian32(FIRST_CHUNK + 8) & 0xFFFFFFFFL;
        long height = bytes.bigEndian32(FIRST_CHUNK + 12) & 0xFFFFFFFFL;
        bytes.requireSize(width, height);
        if (inspection == Inspection.WHOLE || !bytes.endsNear(LAST_CHUNK, FIRST_CHUNK + 13 + FRAMING)) {
            requireEnd(bytes);
        }
        return new ImageHeader((int) width, (int) height);
    }

    private static void requireEnd(EncodedBytes bytes) {
        boolean pixels = false;
        long position = FIRST_CHUNK;
        while (position + FRAMING <= bytes.size()) {
            int length = bytes.bigEndian32(position);
            int type = bytes.bigEndian32(position + 4);
            if (length < 0) {
                throw bytes.refused(
                        "is a damaged PNG: a chunk of " + (length & 0xFFFFFFFFL) + " bytes at byte " + position);
            }
            pixels |= type == IDAT;
            if (type == IEND) {
                if (!pixels) {
                    throw bytes.refused("is a damaged PNG: it ends before its first IDAT chunk");
                }
                return;
            }
            position += FRAMING + length;
        }
        throw bytes.truncated("the IEND chunk");
    }
}
