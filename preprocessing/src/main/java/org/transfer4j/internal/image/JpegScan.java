package org.transfer4j.internal.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.JpegReader.JpegFrame;

/**
 * Passes over the entropy-coded data of one scan of a JPEG (ITU-T T.81, annexes F and G) to see whether they hold all
 * blocks. The decoder makes up what is missing, and says so to stderr alone. Nothing is decoded: lengths are enough, and,
 * where a progressive scan refines, which coefficients are not zero.
 *
 * <p>What can't be passed to its end is refused.
 */
final class JpegScan {
    private static final VarHandle BIG_ENDIAN_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** A code and the magnitude behind it have at most 31 bits. */
    private static final int ENOUGH = 32;

    private static final int BLOCK = 64;

    /** Before here one code can't end a block but by saying so, and the second of a pair belongs to it, too. */
    private static final int NEAR_END = BLOCK - 16;

    private static final int MANY_BYTES = 1 << 14;
    private static final int SIXTEEN_ZEROS = 15;
    private static final int RESTART = 0xD0;

    /** A component of the frame with the tables that the scan gives it. */
    record Part(JpegFrame.Component component, HuffmanCodes dc, HuffmanCodes ac) {}

    /** Spectral selection and successive approximation, as the scan's header has them. */
    record Progression(int first, int last, int high) {}

    private final EncodedBytes bytes;
    private final byte[] data;
    private final int restartInterval;
    private int position;

    /** The next bits, from the top; behind what is available they are zero. Below zero: how many were missing. */
    private long bits;

    private int available;
    private boolean atMarker;
    private long unit;
    private long units;

    JpegScan(EncodedBytes bytes, int position, int restartInterval) {
        this.bytes = bytes;
        this.data = bytes.array();
        this.position = position;
        this.restartInterval = restartInterval;
    }

    /** Where the data that was needed ends; the next marker is not before it. */
    int position() {
        return position;
    }

    /** Of a sequential frame. One part alone is not interleaved: its units are its blocks. */
    void passSequential(JpegFrame frame, List<Part> parts) {
        units = frame.units(parts);
        HuffmanCodes[] dc = tables(parts, Part::dc);
        HuffmanCodes[] ac = tables(parts, Part::ac);
        // in a small image pairs would take longer to make than they save
        boolean many = data.length > MANY_BYTES;
        int[][] pairs = Arrays.stream(ac)
                .map(codes -> many ? codes.pairs() : codes.shortCodes())
                .toArray(int[][]::new);
        for (unit = 0; unit < units; unit++) {
            restartWhereDue();
            for (int block = 0; block < dc.length; block++) {
                passBlock(dc[block], ac[block], pairs[block]);
            }
            requireEnough();
        }
    }

    /** Of a progressive frame: the first or refined bits of DC coefficients of one or more components, or AC of one. */
    void passProgressive(JpegFrame frame, List<Part> parts, Progression progression) {
        units = frame.units(parts);
        HuffmanCodes[] dc = tables(parts, Part::dc);
        int run = 0;
        for (unit = 0; unit < units; unit++) {
            run = restartWhereDue() ? 0 : run;
            if (progression.first() == 0) {
                passDcBits(dc, progression);
            } else if (progression.high() == 0) {
                run = passFirstBits(parts.get(0), progression, run);
            } else {
                run = passRefinement(parts.get(0), progression, run);
            }
            requireEnough();
        }
    }

    /** The tables of a unit's blocks, one after the other. */
    private static HuffmanCodes[] tables(List<Part> parts, Function<Part, HuffmanCodes> table) {
        return parts.stream()
                .flatMap(part ->
                        Collections.nCopies(
                                parts.size() == 1 ? 1 : part.component().blocksInUnit(), table.apply(part))
                                .stream())
                .toArray(HuffmanCodes[]::new);
    }

    private void passBlock(HuffmanCodes dc, HuffmanCodes ac, int[] pairs) {
        take(dc.entry(filled()));
        // in locals, which is twice as fast
        long window = bits;
        int left = available;
        for (int coefficient = 1; coefficient < BLOCK; ) {
            if (left < ENOUGH) {
                bits = window;
                available = left;
                window = filled();
                left = available;
            }
            int entry = coefficient < NEAR_END ? pairs[(int) (window >>> (Long.SIZE - HuffmanCodes.SHORT))] : 0;
            if (entry == 0) {
                entry = ac.entry(window);
            }
            if (entry == 0) {
                available = left;
                throw noCode();
            }
            // the length is below 64, and of a shift's distance only the lowest 6 bits count
            window <<= entry;
            left -= entry & 0xFF;
            coefficient += (entry >>> 8) & 0xFF;
        }
        bits = window;
        available = left;
    }

    private void passDcBits(HuffmanCodes[] dc, Progression progression) {
        for (HuffmanCodes codes : dc) {
            if (progression.high() == 0) {
                take(codes.entry(filled()));
            } else {
                takeBits(1);
            }
        }
    }

    /** T.81, figure G.3. Returns how many blocks behind this one end before their first coefficient. */
    private int passFirstBits(Part part, Progression progression, int run) {
        if (run > 0) {
            return run - 1;
        }
        long[] nonzero = part.component().nonzero(units);
        for (int coefficient = progression.first(); coefficient <= progression.last(); coefficient++) {
            int symbol = (take(part.ac().entry(filled())) >>> 16) & 0xFF;
            int zeros = symbol >> 4;
            if ((symbol & 0xF) != 0) {
                coefficient += zeros;
                nonzero[(int) unit] |= 1L << Math.min(coefficient, BLOCK - 1);
            } else if (zeros == SIXTEEN_ZEROS) {
                coefficient += zeros;
            } else {
                return (1 << zeros) - 1 + takeBits(zeros);
            }
        }
        return 0;
    }

    /** T.81, figure G.7: each coefficient that is passed and not zero has a bit of its own. */
    private int passRefinement(Part part, Progression progression, int run) {
        long[] all = part.component().nonzero(units);
        long nonzero = all[(int) unit];
        long band = -1L >>> (BLOCK - 1 - progression.last());
        long ahead = band & (-1L << progression.first());
        int left = run;
        while (left == 0 && ahead != 0) {
            int symbol = (take(part.ac().entry(filled())) >>> 16) & 0xFF;
            int zeros = symbol >> 4;
            if ((symbol & 0xF) == 0 && zeros != SIXTEEN_ZEROS) {
                left = (1 << zeros) + takeBits(zeros);
                break;
            }
            long zero = ahead & ~nonzero;
            for (int i = 0; i < zeros; i++) {
                zero &= zero - 1;
            }
            // behind the band where it has not so many zeros
            long place = Long.lowestOneBit(zero);
            long passed = place == 0 ? ahead : ahead & (place - 1);
            takeCorrections(passed & nonzero);
            if ((symbol & 0xF) != 0) {
                all[(int) unit] |= place;
            }
            ahead &= ~(passed | place);
        }
        takeCorrections(left == 0 ? 0 : ahead & nonzero);
        return Math.max(0, left - 1);
    }

    private void takeCorrections(long coefficients) {
        for (int count = Long.bitCount(coefficients); count > 0; count -= Short.SIZE) {
            takeBits(Math.min(count, Short.SIZE));
        }
    }

    private int take(int entry) {
        if (entry == 0) {
            throw noCode();
        }
        bits <<= entry;
        available -= entry & 0xFF;
        return entry;
    }

    private int takeBits(int count) {
        int taken = (int) (filled() >>> 1 >>> (Long.SIZE - 1 - count));
        bits <<= count;
        available -= count;
        return taken;
    }

    private long filled() {
        if (available < ENOUGH && !atMarker) {
            fill();
        }
        return bits;
    }

    private void fill() {
        if (position + Integer.BYTES <= data.length) {
            int next = (int) BIG_ENDIAN_INT.get(data, position);
            // no byte is FF
            if (((~next - 0x01010101) & next & 0x80808080) == 0) {
                bits |= (next & 0xFFFFFFFFL) << (ENOUGH - available);
                available += ENOUGH;
                position += Integer.BYTES;
                return;
            }
        }
        fillByBytes();
    }

    /** FF 00 stands for FF, several FF for one; FF and anything else is a marker. */
    private void fillByBytes() {
        while (available <= Long.SIZE - Byte.SIZE) {
            int next = position;
            while (next < data.length && data[next] == (byte) 0xFF) {
                next++;
            }
            if (next == data.length || (next > position && data[next] != 0)) {
                atMarker = true;
                return;
            }
            bits |= (next > position ? 0xFFL : data[next] & 0xFFL) << (Long.SIZE - Byte.SIZE - available);
            available += Byte.SIZE;
            position = next + 1;
        }
    }

    private boolean restartWhereDue() {
        if (restartInterval == 0 || unit == 0 || unit % restartInterval != 0) {
            return false;
        }
        int expected = (int) ((unit / restartInterval - 1) & 7);
        int at = position;
        while (at + 1 < data.length && !(data[at] == (byte) 0xFF && data[at + 1] != 0 && data[at + 1] != (byte) 0xFF)) {
            at++;
        }
        if (at + 1 >= data.length || (data[at + 1] & 0xFF) != RESTART + expected) {
            throw bytes.refused(
                    "is a damaged JPEG: its restart marker " + expected + " is missing after " + progress());
        }
        position = at + 2;
        bits = 0;
        available = 0;
        atMarker = false;
        return true;
    }

    private void requireEnough() {
        if (available < 0) {
            throw endsEarly();
        }
    }

    /** Where bits are missing, what seems to be no code is the same damage. */
    private ImageException noCode() {
        return atMarker && available < HuffmanCodes.LONGEST
                ? endsEarly()
                : bytes.refused("is a damaged JPEG: its data are no Huffman code after " + progress());
    }

    private ImageException endsEarly() {
        return bytes.refused("is truncated: its data end early, after " + progress());
    }

    private String progress() {
        return unit + " of the " + units + " blocks of a scan";
    }

    /**
     * A Huffman table of a JPEG (ITU-T T.81, annex C and F.2.2.3), made for passing over codes and the bits behind them without
     * looking at what they mean.
     *
     * <p>An entry holds all that a code says: in bits 0 to 7 the length of the code and of the magnitude behind it, in bits 8
     * to 15 by how many coefficients a sequential scan moves on (64 for the end of the block), in bits 16 to 23 the symbol, in
     * bits 24 to 31 the length of the code alone. 0 is no code.
     */
    static final class HuffmanCodes {
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
            int[] symbols =
                    unsigned(data, position + LONGEST, Arrays.stream(counts).sum());
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
}
