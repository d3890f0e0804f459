package org.transfer4j.internal.image;

/** Reads the header of a Windows bitmap and checks that its rows are all there. */
final class BmpReader {
    private static final int CORE_HEADER = 12;
    private static final int UNCOMPRESSED = 0;
    private static final int BIT_FIELDS = 3;

    private BmpReader() {}

    static ImageHeader read(EncodedBytes bytes) {
        long pixelOffset = bytes.littleEndian32(10) & 0xFFFFFFFFL;
        int headerSize = bytes.littleEndian32(14);
        boolean core = headerSize == CORE_HEADER;
        if (!core && (headerSize < 40 || headerSize > 124)) {
            throw bytes.refused("is a damaged BMP: a header of " + headerSize + " bytes");
        }
        long width = core ? bytes.littleEndian16(18) : bytes.littleEndian32(18);
        // rows may be stored from the top: then the height is negative
        long height = Math.abs(core ? bytes.littleEndian16(20) : (long) bytes.littleEndian32(22));
        bytes.requireSize(width, height);
        int bits = bytes.littleEndian16(core ? 24 : 28);
        if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
            throw bytes.refused("is a damaged BMP: " + bits + " bits a pixel");
        }
        int compression = core ? UNCOMPRESSED : bytes.littleEndian32(30);
        if (compression != UNCOMPRESSED && compression != BIT_FIELDS) {
            throw bytes.refused("is a compressed BMP (method " + compression + "); uncompressed ones are supported");
        }
        long stride = (width * bits + 31) / 32 * 4;
        if (pixelOffset < 14 + headerSize) {
            throw bytes.refused("is a damaged BMP: its pixels begin at byte " + pixelOffset + ", inside its header");
        }
        if (pixelOffset + stride * height > bytes.size()) {
            throw bytes.truncated(
                    "the last of its " + height + " rows of " + stride + " bytes from byte " + pixelOffset);
        }
        bytes.keep(0, bytes.size());
        return new ImageHeader((int) width, (int) height, ExifOrientation.UPRIGHT, 3 * width * height);
    }
}
