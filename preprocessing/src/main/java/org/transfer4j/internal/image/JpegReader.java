package org.transfer4j.internal.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.image.ImageHeader.ExifOrientation;
import org.transfer4j.internal.image.JpegScan.HuffmanCodes;

/**
 * Walks the marker segments of a JPEG (ITU-T T.81, annex B) from start of image to end of image, and through its scans.
 * Of the metadata only the orientation is read, and nothing is kept for the decoder but what says how colours are meant.
 *
 * <p>To pass through a scan takes a fifth of the time of decoding it. Where one scan has all of an image and its data end
 * early, the decoder leaves the units that follow without coefficients, gray. So of usual images it is enough to pass
 * through those that end gray, once they are decoded: {@link #requireWhole}. What is missing in the last unit alone is
 * missed there.
 */
final class JpegReader {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long EACH = 0x0101010101010101L;

    private static final byte[] END_OF_IMAGE = {(byte) 0xFF, (byte) 0xD9};
    private static final int EXIF = 0x45786966;
    private static final int PROGRESSIVE = 0xC2;
    private static final int DC = 0x00;
    private static final int AC = 0x10;

    /** So many blocks have at most so many samples in a unit, and a frame so many components (T.81, B.2.2 and B.2.3). */
    private static final int MOST_BLOCKS_IN_UNIT = 10;

    private static final int MOST_COMPONENTS = 4;
    private static final int MOST_SHIFT = 13;
    private static final int BLOCK = 64;

    private final EncodedBytes bytes;
    private final boolean thorough;

    /** Where the counts of a Huffman table stand, by class and number. */
    private final Map<Integer, Integer> tables = new HashMap<>();

    private @Nullable JpegFrame frame;
    private boolean severalScans;
    private int scans;
    private int restartInterval;
    private int orientation;

    private JpegReader(EncodedBytes bytes, boolean thorough) {
        this.bytes = bytes;
        this.thorough = thorough;
    }

    static ImageHeader read(EncodedBytes bytes) {
        return new JpegReader(bytes, false).walk();
    }

    /**
     * Passes through each scan of a JPEG that was read.
     *
     * @throws org.transfer4j.error.ImageException if the data of one end early
     */
    static void requireWhole(EncodedBytes bytes) {
        new JpegReader(EncodedBytes.of(bytes.array(), bytes.origin()), true).walk();
    }

    /** A thumbnail inside an application segment has an end of its own: segments are stepped over as a whole. */
    private ImageHeader walk() {
        bytes.keep(0, 2);
        long position = 2;
        while (true) {
            position = nextMarker(position);
            int marker = bytes.unsignedByte(position - 1);
            if (marker == 0xD9) {
                bytes.keep(position - 2, position);
                return ended();
            }
            if (isStandalone(marker)) {
                continue;
            }
            int length = bytes.bigEndian16(position);
            if (length < 2) {
                throw damaged("a segment of length " + length + " at byte " + position);
            }
            long end = position + length;
            if (end > bytes.size()) {
                throw bytes.truncated("byte " + end + ", the end of a segment");
            }
            read(marker, position + 2, end);
            if (isNeeded(marker)) {
                bytes.keep(position - 2, end);
            }
            position = end;
            if (marker == 0xDA) {
                if (!bytes.inMemory() && bytes.endsNear(END_OF_IMAGE, position)) {
                    return header();
                }
                position = bytes.inMemory() ? passScan(position - length + 2, position) : nextMarkerOfScan(position);
            }
        }
    }

    private void read(int marker, long from, long to) {
        if (isFrame(marker)) {
            frame = frame(marker, from, to);
        } else if (marker == 0xDA) {
            scans++;
            ImageHeader header = header();
            bytes.origin().requireScans(scans, (long) header.width() * header.height());
        } else if (bytes.inMemory() && marker == 0xC4) {
            findTables(from, to);
        } else if (bytes.inMemory() && marker == 0xDD) {
            restartInterval = bytes.bigEndian16(from);
        } else if (bytes.inMemory()
                && marker == 0xE1
                && orientation == 0
                && to - from > 6
                && bytes.bigEndian32(from) == EXIF) {
            orientation = ExifOrientation.read(bytes, from + 6, to);
        }
    }

    /** Tables, frames, scans, restarts, and JFIF's and Adobe's segments, which say what the components are. */
    private static boolean isNeeded(int marker) {
        return (marker < 0xE0 && marker != 0xDC) || marker == 0xE0 || marker == 0xEE;
    }

    private ImageHeader header() {
        if (frame == null) {
            throw damaged("it has no frame before its first scan");
        }
        int turned = Math.max(orientation, ExifOrientation.UPRIGHT);
        long pixels = frame.decodedBytes(false);
        long decoded = frame.decodedBytes(severalScans || frame.isProgressive());
        return new ImageHeader(
                frame.width(), frame.height(), turned, turned == ExifOrientation.UPRIGHT ? decoded : decoded + pixels);
    }

    private ImageHeader ended() {
        if (frame == null || scans == 0) {
            throw damaged("it ends before its first scan");
        }
        if (bytes.inMemory() && !frame.components().stream().allMatch(JpegFrame.Component::isScanned)) {
            throw bytes.refused("is truncated: it ends before the first scan of a component");
        }
        return header();
    }

    /** The position behind the next marker's two bytes. Padding before it is passed over, as libjpeg does. */
    private long nextMarker(long from) {
        for (long position = nextOnes(from); position + 1 < bytes.size(); position = nextOnes(position + 1)) {
            int next = bytes.unsignedByte(position + 1);
            if (bytes.unsignedByte(position) == 0xFF && next != 0 && next != 0xFF) {
                return position + 2;
            }
        }
        throw bytes.truncated("the end-of-image marker");
    }

    /** In entropy-coded data an FF is followed by 00, by a restart marker, or it begins the next segment. */
    private long nextMarkerOfScan(long from) {
        long position = from;
        do {
            position = nextMarker(position);
        } while (isRestart(bytes.unsignedByte(position - 1)));
        return position - 2;
    }

    /** The position, or a later one in front of which there is no FF. */
    private long nextOnes(long from) {
        byte[] data = bytes.array();
        int at = (int) from;
        while (at + Long.BYTES <= data.length) {
            long next = (long) LONG.get(data, at);
            if (((~next - EACH) & next & (EACH << 7)) != 0) {
                return at;
            }
            at += Long.BYTES;
        }
        return bytes.inMemory() ? at : from;
    }

    private JpegFrame frame(int marker, long from, long to) {
        if (frame != null) {
            throw damaged("a second frame header at byte " + from);
        }
        if (marker > PROGRESSIVE) {
            throw bytes.refused("is a lossless, hierarchical or arithmetic JPEG (SOF" + (marker - 0xC0)
                    + "); baseline and progressive ones are supported");
        }
        int precision = bytes.unsignedByte(from);
        if (precision != 8) {
            throw bytes.refused("is a JPEG of " + precision + " bits a sample; 8 are supported");
        }
        int height = bytes.bigEndian16(from + 1);
        int width = bytes.bigEndian16(from + 3);
        bytes.requireSize(width, height);
        int count = bytes.unsignedByte(from + 5);
        if (count < 1 || count > MOST_COMPONENTS || to - from != 6 + 3L * count) {
            throw damaged("a frame header of " + (to - from) + " bytes for " + count + " components");
        }
        List<JpegFrame.Component> components = new ArrayList<>();
        for (long at = from + 6; at < to; at += 3) {
            int factors = bytes.unsignedByte(at + 1);
            if (factors >> 4 < 1 || factors >> 4 > 4 || (factors & 0xF) < 1 || (factors & 0xF) > 4) {
                throw damaged("sampling factors of " + (factors >> 4) + "x" + (factors & 0xF));
            }
            components.add(new JpegFrame.Component(bytes.unsignedByte(at), factors >> 4, factors & 0xF));
        }
        JpegFrame read = new JpegFrame(marker == PROGRESSIVE, width, height, components);
        if (read.blocks() > 8 * bytes.size()) {
            // one bit for each is the least that any scan has
            throw bytes.truncated("the last of its " + width + "x" + height + " pixels");
        }
        return read;
    }

    /** The last definition of a table counts; they are read where a scan needs them. */
    private void findTables(long from, long to) {
        long position = from;
        while (position + 17 <= to) {
            int symbols = 0;
            for (int i = 1; i <= HuffmanCodes.LONGEST; i++) {
                symbols += bytes.unsignedByte(position + i);
            }
            if (position + 17 + symbols > to) {
                throw damaged("a Huffman table of " + symbols + " symbols at byte " + position);
            }
            tables.put(bytes.unsignedByte(position), (int) position + 1);
            position += 17 + symbols;
        }
    }

    /** Returns where the next marker is. */
    private long passScan(long header, long data) {
        JpegFrame scanned = Objects.requireNonNull(frame);
        int count = bytes.unsignedByte(header);
        if (count < 1 || count > MOST_COMPONENTS || data - header != 4 + 2L * count) {
            throw damaged("a scan header of " + (data - header) + " bytes for " + count + " components");
        }
        long parameters = header + 1 + 2L * count;
        JpegScan.Progression progression = new JpegScan.Progression(
                bytes.unsignedByte(parameters),
                bytes.unsignedByte(parameters + 1),
                bytes.unsignedByte(parameters + 2) >> 4);
        if (scanned.isProgressive()) {
            requireRight(progression, bytes.unsignedByte(parameters + 2) & 0xF, count);
        }
        severalScans |= count < scanned.components().size();
        boolean passed =
                thorough || restartInterval > 0 || count < scanned.components().size() || !scanned.isGrayWhereDataEnd();
        List<JpegScan.Part> parts = parts(scanned, header, count, progression, passed);
        JpegScan scan = new JpegScan(bytes, (int) data, restartInterval);
        if (scanned.isProgressive()) {
            scan.passProgressive(scanned, parts, progression);
        } else if (passed) {
            scan.passSequential(scanned, parts);
        }
        if (progression.first() == 0) {
            parts.forEach(part -> part.component().markScanned());
        }
        long end = nextMarkerOfScan(scan.position());
        bytes.keep(data, end);
        return end;
    }

    private void requireRight(JpegScan.Progression progression, int low, int count) {
        boolean right = progression.first() == 0
                ? progression.last() == 0
                : progression.first() <= progression.last() && progression.last() < BLOCK && count == 1;
        if (!right || low > MOST_SHIFT || (progression.high() != 0 && progression.high() != low + 1)) {
            throw damaged("a progressive scan of coefficients " + progression.first() + " to " + progression.last()
                    + ", bits " + progression.high() + " to " + low + ", of " + count + " components");
        }
    }

    private List<JpegScan.Part> parts(
            JpegFrame scanned, long header, int count, JpegScan.Progression progression, boolean passed) {
        boolean sequential = !scanned.isProgressive();
        List<JpegScan.Part> parts = new ArrayList<>();
        int blocks = 0;
        for (int i = 0; i < count; i++) {
            int id = bytes.unsignedByte(header + 1 + 2L * i);
            int selectors = bytes.unsignedByte(header + 2 + 2L * i);
            JpegFrame.Component component = scanned.component(id)
                    .orElseThrow(() -> damaged("a scan of the component " + id + ", which its frame has not"));
            boolean dc = passed && (sequential || (progression.first() == 0 && progression.high() == 0));
            boolean ac = passed && (sequential || progression.first() > 0);
            parts.add(new JpegScan.Part(
                    component,
                    dc ? table(DC | (selectors >> 4), sequential) : HuffmanCodes.NONE,
                    ac ? table(AC | (selectors & 0xF), sequential) : HuffmanCodes.NONE));
            blocks += component.blocksInUnit();
        }
        if (count > 1 && blocks > MOST_BLOCKS_IN_UNIT) {
            throw damaged("a scan of " + blocks + " blocks a unit");
        }
        return parts;
    }

    private HuffmanCodes table(int number, boolean sequential) {
        Integer position = tables.get(number);
        boolean dc = (number & AC) == 0;
        if (position == null) {
            if (!sequential || (number & 0xF) > 1) {
                throw damaged("a scan needs a Huffman table that is not there");
            }
            return HuffmanCodes.standard(dc, (number & 0xF) == 0);
        }
        HuffmanCodes codes = HuffmanCodes.read(bytes.array(), position);
        if (codes == null || (dc && !codes.isForDc())) {
            throw damaged("a Huffman table at byte " + position + " that can't be one");
        }
        return codes;
    }

    private RuntimeException damaged(String what) {
        return bytes.refused("is a damaged JPEG: " + what);
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

    /**
     * The frame of a JPEG: its size and components (ITU-T T.81, annexes A and B.2.2).
     *
     * @param isProgressive not sequential: the marker is SOF2, not SOF0 or SOF1
     */
    record JpegFrame(boolean isProgressive, int width, int height, List<Component> components) {
        private static final int BLOCK = 8;
        private static final int MANY_UNITS = 16;

        /** What the decoder keeps of a coefficient. */
        private static final int COEFFICIENT_BYTES = 2;

        /** One colour. */
        static final class Component {
            private final int id;
            private final int horizontal;
            private final int vertical;
            private boolean scanned;
            private long[] nonzero = {};

            /** With its sampling factors. */
            Component(int id, int horizontal, int vertical) {
                this.id = id;
                this.horizontal = horizontal;
                this.vertical = vertical;
            }

            int blocksInUnit() {
                return horizontal * vertical;
            }

            /** By block, one bit for each coefficient that is known not to be zero, in zigzag order. */
            long[] nonzero(long blocks) {
                if (nonzero.length == 0) {
                    nonzero = new long[(int) blocks];
                }
                return nonzero;
            }

            boolean isScanned() {
                return scanned;
            }

            void markScanned() {
                scanned = true;
            }
        }

        /**
         * Whether the decoder shows units without data as gray, and the last one is a small part of the image: sequential, of
         * one component, or of a luminance with the highest resolution and two more.
         */
        boolean isGrayWhereDataEnd() {
            Component first = components.get(0);
            return !isProgressive
                    && units() >= MANY_UNITS
                    && (components.size() == 1 || components.size() == 3)
                    && components.stream()
                            .allMatch(each -> each.horizontal <= first.horizontal && each.vertical <= first.vertical);
        }

        Optional<Component> component(int id) {
            return components.stream().filter(component -> component.id == id).findFirst();
        }

        /** How many units a scan of these parts has: blocks where it is of one component, else rectangles of all. */
        long units(List<JpegScan.Part> parts) {
            return parts.size() == 1 ? blocks(parts.get(0).component()) : units();
        }

        private long units() {
            return components.size() == 1
                    ? blocks(components.get(0))
                    : ceil(width, BLOCK * mostHorizontal()) * ceil(height, BLOCK * mostVertical());
        }

        long blocks() {
            return components.stream().mapToLong(this::blocks).sum();
        }

        private long blocks(Component component) {
            return ceil(ceil((long) width * component.horizontal, mostHorizontal()), BLOCK)
                    * ceil(ceil((long) height * component.vertical, mostVertical()), BLOCK);
        }

        private int mostHorizontal() {
            return components.stream().mapToInt(each -> each.horizontal).max().orElseThrow();
        }

        private int mostVertical() {
            return components.stream().mapToInt(each -> each.vertical).max().orElseThrow();
        }

        /** What the decoder holds at once: the pixels, and all coefficients where they come in several scans. */
        long decodedBytes(boolean severalScans) {
            long pixels = (long) width * height * (components.size() == 1 ? 1 : 3);
            return severalScans ? pixels + blocks() * BLOCK * BLOCK * COEFFICIENT_BYTES : pixels;
        }

        private static long ceil(long value, int divisor) {
            return (value + divisor - 1) / divisor;
        }
    }
}
