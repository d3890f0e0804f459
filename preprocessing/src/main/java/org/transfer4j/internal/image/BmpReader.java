package org.transfer4j.internal.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.transfer4j.internal.image.ImageHeader.ExifOrientation;

/**
 * Reads the header of a Windows bitmap and checks that its rows are all there. What OpenCV takes for something else is brought into
 * the form that it knows, a header of 40 bytes without colour masks: the header of OS/2, whose palette has three bytes a
 * colour, and pixels of 16 or 32 bits whose colours a file may put into any bits.
 */
final class BmpReader {
    private static final int FILE_HEADER = 14;
    private static final int CORE_HEADER = 12;
    private static final int INFO_HEADER = 40;
    private static final int UNCOMPRESSED = 0;
    private static final int BIT_FIELDS = 3;

    /** Where masks are, be they behind a header of 40 bytes or in a longer one: red, green, blue. */
    private static final int MASKS = FILE_HEADER + INFO_HEADER;

    /** Of pixels of 16 bits without masks. */
    private static final Masks FIVE_BITS = new Masks(0x7C00, 0x3E0, 0x1F);

    private final EncodedBytes bytes;
    private final long pixelOffset;
    private final int headerSize;
    private final int width;

    /** Negative where rows are stored from the top. */
    private final int height;

    private final int bits;
    private final int compression;

    private BmpReader(EncodedBytes bytes) {
        this.bytes = bytes;
        pixelOffset = bytes.littleEndian32(10) & 0xFFFFFFFFL;
        headerSize = bytes.littleEndian32(FILE_HEADER);
        if (!isCore() && (headerSize < INFO_HEADER || headerSize > 124)) {
            throw bytes.refused("is a damaged BMP: a header of " + headerSize + " bytes");
        }
        width = isCore() ? bytes.littleEndian16(18) : bytes.littleEndian32(18);
        height = isCore() ? bytes.littleEndian16(20) : bytes.littleEndian32(22);
        bytes.requireSize(width, rows());
        bits = bytes.littleEndian16(isCore() ? 24 : 28);
        if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
            throw bytes.refused("is a damaged BMP: " + bits + " bits a pixel");
        }
        compression = isCore() ? UNCOMPRESSED : bytes.littleEndian32(30);
        if (compression != UNCOMPRESSED && compression != BIT_FIELDS) {
            throw bytes.refused("is a compressed BMP (method " + compression + "); uncompressed ones are supported");
        }
    }

    static ImageHeader read(EncodedBytes bytes) {
        BmpReader reader = new BmpReader(bytes);
        reader.requireRows();
        reader.keep();
        return new ImageHeader(
                reader.width, (int) reader.rows(), ExifOrientation.UPRIGHT, 3L * reader.width * reader.rows());
    }

    private boolean isCore() {
        return headerSize == CORE_HEADER;
    }

    private long rows() {
        return Math.abs((long) height);
    }

    /** Rows end on four bytes. */
    private static long stride(long width, int bits) {
        return (width * bits + 31) / 32 * 4;
    }

    private void requireRows() {
        long stride = stride(width, bits);
        if (pixelOffset < FILE_HEADER + headerSize) {
            throw bytes.refused("is a damaged BMP: its pixels begin at byte " + pixelOffset + ", inside its header");
        }
        if (pixelOffset + stride * rows() > bytes.size()) {
            throw bytes.truncated(
                    "the last of its " + rows() + " rows of " + stride + " bytes from byte " + pixelOffset);
        }
    }

    private void keep() {
        if (compression == BIT_FIELDS || bits == 16) {
            Masks masks = compression == BIT_FIELDS ? masks() : FIVE_BITS;
            if (bytes.inMemory()) {
                bytes.keepInstead(withoutMasks(masks));
            }
        } else if (isCore() && bytes.inMemory()) {
            bytes.keepInstead(withLongerHeader());
        } else {
            bytes.keep(0, bytes.size());
        }
    }

    private Masks masks() {
        if (bits < 16) {
            throw bytes.refused("is a damaged BMP: colour masks of " + bits + " bits a pixel");
        }
        Masks masks = new Masks(
                bytes.littleEndian32(MASKS), bytes.littleEndian32(MASKS + 4), bytes.littleEndian32(MASKS + 8));
        if (!masks.arePlausible()) {
            throw bytes.refused(String.format(
                    "is a damaged BMP: the colour masks %08X, %08X and %08X", masks.red, masks.green, masks.blue));
        }
        return masks;
    }

    /** Which bits of a pixel are a colour. */
    private record Masks(int red, int green, int blue) {
        boolean arePlausible() {
            return (red & green) == 0
                    && (red & blue) == 0
                    && (green & blue) == 0
                    && isOneRun(red)
                    && isOneRun(green)
                    && isOneRun(blue);
        }

        private static boolean isOneRun(int mask) {
            long run = Integer.toUnsignedLong(mask) >>> Integer.numberOfTrailingZeros(mask);
            return mask != 0 && (run & (run + 1)) == 0;
        }

        /** From 0 to 255, as large a part of that as it is of the mask. */
        static byte value(int pixel, int mask) {
            int shift = Integer.numberOfTrailingZeros(mask);
            long most = Integer.toUnsignedLong(mask) >>> shift;
            long value = Integer.toUnsignedLong(pixel & mask) >>> shift;
            return (byte) ((2 * 255 * value + most) / (2 * most));
        }
    }

    /** Of 24 bits a pixel: blue, green, red. */
    private byte[] withoutMasks(Masks masks) {
        int stride = (int) stride(width, 24);
        byte[] made = header(24, 0, stride * rows());
        for (int row = 0; row < rows(); row++) {
            long from = pixelOffset + row * stride(width, bits);
            int to = made.length - (int) ((rows() - row) * stride);
            for (int column = 0; column < width; column++) {
                int pixel = bits == 16
                        ? bytes.littleEndian16(from + 2L * column)
                        : bytes.littleEndian32(from + bits / 8L * column);
                made[to + 3 * column] = Masks.value(pixel, masks.blue);
                made[to + 3 * column + 1] = Masks.value(pixel, masks.green);
                made[to + 3 * column + 2] = Masks.value(pixel, masks.red);
            }
        }
        return made;
    }

    /** The same pixels, and the palette with four bytes a colour. */
    private byte[] withLongerHeader() {
        long pixels = stride(width, bits) * rows();
        int start = FILE_HEADER + CORE_HEADER;
        int colours = bits > 8 ? 0 : 1 << bits;
        byte[] made = header(bits, colours, pixels);
        for (int colour = 0; colour < Math.min(colours, (pixelOffset - start) / 3); colour++) {
            System.arraycopy(bytes.array(), start + 3 * colour, made, MASKS + 4 * colour, 3);
        }
        System.arraycopy(bytes.array(), (int) pixelOffset, made, made.length - (int) pixels, (int) pixels);
        return made;
    }

    /** Room for all, of which the header is written. */
    private byte[] header(int bits, int colours, long pixels) {
        int offset = MASKS + 4 * colours;
        byte[] made = new byte[Math.toIntExact(offset + pixels)];
        ByteBuffer.wrap(made)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'B')
                .put((byte) 'M')
                .putInt(made.length)
                .putInt(0)
                .putInt(offset)
                .putInt(INFO_HEADER)
                .putInt(width)
                .putInt(height)
                .putShort((short) 1)
                .putShort((short) bits)
                .putInt(UNCOMPRESSED)
                .putInt((int) pixels)
                .putInt(0)
                .putInt(0)
                .putInt(colours)
                .putInt(0);
        return made;
    }
}
