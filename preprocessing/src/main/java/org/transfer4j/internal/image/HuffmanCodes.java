package org.transfer4j.internal.image;

import java.util.Arrays;
import java.util.stream.IntStream;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;
import org.jspecify.annotations.Nullable;

/**
 * A Huffman table of a JPEG (ITU-T T.81, annex C and F.2.2.3), made for passing over codes and the bits behind them without
 * looking at what they mean.
 *
 * <p>An entry holds all that a code says: in bits 0 to 7 the length of the code and of the magnitude behind it, in bits 8
 * to 15 by how many coefficients a sequential scan moves on (64 for the end of the block), in bits 16 to 23 the symbol, in
 * bits 24 to 31 the length of the code alone. 0 is no code.
 */
final class HuffmanCodes {
    /** No code has more bits. */
    static final int LONGEST = 16;

    /** A table that was never defined. */
    static final HuffmanCodes NONE = new HuffmanCodes(new int[LONGEST], new int[0]);

    /** Codes up to this length are looked up; they are nearly all that occur. */
    static final int SHORT = 10;

    private static final int END_OF_BLOCK = 64;
    private static final int SIXTEEN_ZEROS = 15;

    private final int[] shortCodes = new int[1 << SHORT];
    private volatile int @Nullable [] pairs;

    /** By length: the first code, the place of its symbol, and how many codes there are. */
    private final int[] firstCode = new int[LONGEST + 1];

    private final int[] firstPlace = new int[LONGEST + 1];
    private final int[] counts = new int[LONGEST + 1];
    private final int[] symbols;

    private HuffmanCodes(int[] counts, int[] symbols) {
        System.arraycopy(counts, 0, this.counts, 1, LONGEST);
        this.symbols = symbols;
    }

    /**
     * Reads a table as a DHT segment has it: 16 counts, then the symbols.
     *
     * @return null where there are more codes than bits
     */
    static @Nullable HuffmanCodes read(byte[] data, int position) {
        for (Standard standard : Standard.values()) {
            if (standard.isAt(data, position)) {
                return standard.codes;
            }
        }
        int[] counts = unsigned(data, position, LONGEST);
        int[] symbols = unsigned(data, position + LONGEST, Arrays.stream(counts).sum());
        HuffmanCodes codes = new HuffmanCodes(counts, symbols);
        return codes.fill() ? codes : null;
    }

    private static int[] unsigned(byte[] data, int from, int count) {
        return IntStream.range(from, from + count).map(i -> data[i] & 0xFF).toArray();
    }

    /**
     * The tables of T.81, annex K.3, which the frames of Motion JPEG leave out, and which so many files have that they are
     * made once.
     */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes its arrays
    enum Standard {
        DC_LUMINANCE(JPEGHuffmanTable.StdDCLuminance),
        DC_CHROMINANCE(JPEGHuffmanTable.StdDCChrominance),
        AC_LUMINANCE(JPEGHuffmanTable.StdACLuminance),
        AC_CHROMINANCE(JPEGHuffmanTable.StdACChrominance);

        private final byte[] segment;
        private final HuffmanCodes codes;

        Standard(JPEGHuffmanTable table) {
            int[] counts = Arrays.copyOf(widened(table.getLengths()), LONGEST);
            int[] symbols = widened(table.getValues());
            segment = new byte[LONGEST + symbols.length];
            for (int i = 0; i < segment.length; i++) {
                segment[i] = (byte) (i < LONGEST ? counts[i] : symbols[i - LONGEST]);
            }
            codes = new HuffmanCodes(counts, symbols);
            codes.fill();
        }

        private static int[] widened(short[] values) {
            return IntStream.range(0, values.length).map(i -> values[i]).toArray();
        }

        private boolean isAt(byte[] data, int position) {
            int end = position + segment.length;
            return end <= data.length && Arrays.equals(segment, 0, segment.length, data, position, end);
        }
    }

    static HuffmanCodes standard(boolean dc, boolean luminance) {
        Standard dcTable = luminance ? Standard.DC_LUMINANCE : Standard.DC_CHROMINANCE;
        Standard acTable = luminance ? Standard.AC_LUMINANCE : Standard.AC_CHROMINANCE;
        return (dc ? dcTable : acTable).codes;
    }

    private boolean fill() {
        int code = 0;
        int place = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code <<= 1;
            firstCode[length] = code;
            firstPlace[length] = place;
            if (code + counts[length] > (1 << length)) {
                return false;
            }
            for (int i = 0; length <= SHORT && i < counts[length]; i++) {
                int from = (code + i) << (SHORT - length);
                Arrays.fill(shortCodes, from, from + (1 << (SHORT - length)), entry(symbols[place + i], length));
            }
            code += counts[length];
            place += counts[length];
        }
        return true;
    }

    /** Whether each symbol can be the length of a difference, as in a table for DC coefficients. */
    boolean isForDc() {
        return Arrays.stream(symbols).allMatch(symbol -> symbol < 16);
    }

    /** The entries of the short codes by the bits that begin with them. */
    int[] shortCodes() {
        return shortCodes;
    }

    /** The same, and where the bits hold a second code whole, lengths and coefficients of both together. */
    int[] pairs() {
        int[] made = pairs;
        if (made == null) {
            made = shortCodes.clone();
            for (int bits = 0; bits < made.length; bits++) {
                int first = shortCodes[bits];
                int length = first & 0xFF;
                if (first != 0 && length < SHORT && ((first >>> 8) & 0xFF) < END_OF_BLOCK) {
                    int second = shortCodes[(bits << length) & (made.length - 1)];
                    if (second != 0 && second >>> 24 <= SHORT - length) {
                        made[bits] = (first & 0xFFFF) + (second & 0xFFFF);
                    }
                }
            }
            pairs = made;
        }
        return made;
    }

    /** The entry of the code at the top of the bits. */
    int entry(long bits) {
        int entry = shortCodes[(int) (bits >>> (Long.SIZE - SHORT))];
        return entry != 0 ? entry : longEntry(bits);
    }

    private int longEntry(long bits) {
        for (int length = SHORT + 1; length <= LONGEST; length++) {
            int offset = (int) (bits >>> (Long.SIZE - length)) - firstCode[length];
            if (offset >= 0 && offset < counts[length]) {
                return entry(symbols[firstPlace[length] + offset], length);
            }
        }
        return 0;
    }

    private static int entry(int symbol, int length) {
        int zeros = symbol >> 4;
        int magnitude = symbol & 0xF;
        int coefficients = magnitude != 0 || zeros == SIXTEEN_ZEROS ? zeros + 1 : END_OF_BLOCK;
        return (length << 24) | (symbol << 16) | (coefficients << 8) | (length + magnitude);
    }
}
