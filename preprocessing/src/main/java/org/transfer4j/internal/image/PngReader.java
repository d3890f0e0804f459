package org.transfer4j.internal.image;

import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.transfer4j.internal.image.ImageHeader.ExifOrientation;

/**
 * Walks the chunks of a PNG (ISO/IEC 15948) from IHDR to IEND. Of the ancillary ones the transparent colour is kept for
 * the decoder, which treats it as it does, and the orientation is read; text, profiles and animation are left out.
 */
final class PngReader {
    private static final int IHDR = 0x49484452;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int TRNS = 0x74524E53;
    private static final int EXIF = 0x65584966;

    /** In a chunk's type: lower case, and so not needed. */
    private static final int ANCILLARY = 0x20000000;

    private static final byte[] LAST_CHUNK = HexFormat.of().parseHex("0000000049454e44ae426082");
    private static final int FIRST_CHUNK = 8;
    private static final int HEADER_LENGTH = 13;

    /** Length, type and checksum. */
    private static final int FRAMING = 12;

    /** Deflate never does better. */
    private static final long BEST_COMPRESSION = 1032;

    /** Deflate need not do worse than 1, but encoders may cut its stream in small pieces. */
    private static final long WORST_COMPRESSION = 2;

    private static final long SMALL = 1 << 16;

    /** The native decoder inflates to the end, also behind the last row: half a second for so many bytes. */
    private static final long MOST_SURPLUS = 256_000_000;

    private static final int PIECE = 1 << 16;

    /** Adam7: first column and row, and steps between columns and rows, of each pass. */
    private static final int[][] PASSES = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final EncodedBytes bytes;
    private final long width;
    private final long height;
    private final long filteredBytes;
    private int orientation = ExifOrientation.UPRIGHT;

    private PngReader(EncodedBytes bytes) {
        this.bytes = bytes;
        if (bytes.bigEndian32(FIRST_CHUNK) != HEADER_LENGTH || bytes.bigEndian32(FIRST_CHUNK + 4) != IHDR) {
            throw damaged("its first chunk must be IHDR of 13 bytes");
        }
        this.width = bytes.bigEndian32(FIRST_CHUNK + 8) & 0xFFFFFFFFL;
        this.height = bytes.bigEndian32(FIRST_CHUNK + 12) & 0xFFFFFFFFL;
        bytes.requireSize(width, height);
        int bits = bytes.unsignedByte(FIRST_CHUNK + 16) * channels(bytes.unsignedByte(FIRST_CHUNK + 17));
        this.filteredBytes = filteredBytes(bits, bytes.unsignedByte(FIRST_CHUNK + 20) != 0);
    }

    static ImageHeader read(EncodedBytes bytes) {
        return new PngReader(bytes).walk();
    }

    private int channels(int colourType) {
        return switch (colourType) {
            case 0, 3 -> 1;
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> throw damaged("the colour type " + colourType);
        };
    }

    /** The rows with the byte before each that says how it is filtered. */
    private long filteredBytes(int bits, boolean interlaced) {
        if (!interlaced) {
            return height * (1 + (width * bits + 7) / 8);
        }
        long sum = 0;
        for (int[] pass : PASSES) {
            long columns = Math.max(0, (width - pass[0] + pass[2] - 1) / pass[2]);
            long rows = Math.max(0, (height - pass[1] + pass[3] - 1) / pass[3]);
            sum += columns == 0 ? 0 : rows * (1 + (columns * bits + 7) / 8);
        }
        return sum;
    }

    private ImageHeader walk() {
        requireEnough(bytes.size());
        if (bytes.inMemory() || !bytes.endsNear(LAST_CHUNK, FIRST_CHUNK + HEADER_LENGTH + FRAMING)) {
            walkChunks();
        }
        long pixels = 3 * width * height;
        long decoded = Math.max(pixels, filteredBytes);
        return new ImageHeader(
                (int) width,
                (int) height,
                orientation,
                orientation == ExifOrientation.UPRIGHT ? decoded : decoded + pixels);
    }

    private void walkChunks() {
        bytes.keep(0, FIRST_CHUNK);
        long data = 0;
        boolean transparent = false;
        long position = FIRST_CHUNK;
        while (position + FRAMING <= bytes.size()) {
            int length = bytes.bigEndian32(position);
            int type = bytes.bigEndian32(position + 4);
            if (length < 0) {
                throw damaged("a chunk of " + (length & 0xFFFFFFFFL) + " bytes at byte " + position);
            }
            long end = position + FRAMING + length;
            if ((type & ANCILLARY) == 0 || (type == TRNS && !transparent)) {
                bytes.keep(position, end);
                transparent |= type == TRNS;
            } else if (type == EXIF) {
                orientation = ExifOrientation.read(bytes, position + 8, Math.min(end - 4, bytes.size()));
            }
            if (type == IDAT) {
                data += FRAMING + length;
            } else if (type == IEND) {
                requireRight(data);
                return;
            }
            position = end;
        }
        throw bytes.truncated("the IEND chunk");
    }

    private void requireRight(long data) {
        if (data == 0) {
            throw damaged("it ends before its first IDAT chunk");
        }
        requireEnough(data);
        if (data > WORST_COMPRESSION * filteredBytes + SMALL) {
            throw damaged(data + " bytes of IDAT chunks, where " + filteredBytes + " bytes are compressed");
        }
        // inflating takes a good part of the time of decoding, and is not done where it can't matter
        if (data * BEST_COMPRESSION > filteredBytes + MOST_SURPLUS && inflatesBeyond(filteredBytes + MOST_SURPLUS)) {
            throw damaged("its IDAT chunks are more than " + MOST_SURPLUS + " bytes longer than the " + filteredBytes
                    + " bytes of its pixels");
        }
    }

    /** What can't be inflated is the decoder's to refuse. */
    private boolean inflatesBeyond(long most) {
        Inflater inflater = new Inflater();
        try {
            byte[] piece = new byte[PIECE];
            long left = most;
            for (long position = FIRST_CHUNK; bytes.bigEndian32(position + 4) != IEND; ) {
                int length = bytes.bigEndian32(position);
                if (bytes.bigEndian32(position + 4) == IDAT) {
                    inflater.setInput(bytes.array(), (int) position + 8, length);
                    left -= inflated(inflater, piece, left);
                }
                position += FRAMING + length;
            }
            return left < 0;
        } catch (DataFormatException e) {
            return false;
        } finally {
            inflater.end();
        }
    }

    /** How many bytes the input gives, or more than the most. */
    private static long inflated(Inflater inflater, byte[] piece, long most) throws DataFormatException {
        long total = 0;
        int count = 1;
        while (count > 0 && total <= most) {
            count = inflater.inflate(piece);
            total += count;
        }
        return total;
    }

    private void requireEnough(long data) {
        if (filteredBytes / BEST_COMPRESSION > data) {
            throw bytes.truncated("the last of its " + width + "x" + height + " pixels");
        }
    }

    private RuntimeException damaged(String what) {
        return bytes.refused("is a damaged PNG: " + what);
    }
}
