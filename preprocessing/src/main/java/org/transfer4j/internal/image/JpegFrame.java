package org.transfer4j.internal.image;

import java.util.List;
import java.util.Optional;

/**
 * The frame of a JPEG: its size and components (ITU-T T.81, annexes A and B.2.2).
 *
 * @param isProgressive not sequential: the marker is SOF2, not SOF0 or SOF1
 * @param mostHorizontal the largest of the components' sampling factors
 * @param mostVertical the largest of the components' sampling factors
 */
record JpegFrame(
        boolean isProgressive,
        int width,
        int height,
        int mostHorizontal,
        int mostVertical,
        List<Component> components) {
    private static final int BLOCK = 8;
    private static final int MANY_UNITS = 16;

    /** What the decoder keeps of a coefficient. */
    private static final int COEFFICIENT_BYTES = 2;

    /** One colour. */
    static final class Component {
        private final int id;
        private final int horizontal;
        private final int vertical;
        private final long blocksWide;
        private final long blocksHigh;
        private boolean scanned;
        private long[] nonzero = {};

        /** With its sampling factors and the frame's size and largest factors. */
        Component(int id, int horizontal, int vertical, int width, int height, int mostHorizontal, int mostVertical) {
            this.id = id;
            this.horizontal = horizontal;
            this.vertical = vertical;
            this.blocksWide = ceil(ceil((long) width * horizontal, mostHorizontal), BLOCK);
            this.blocksHigh = ceil(ceil((long) height * vertical, mostVertical), BLOCK);
        }

        int blocksInUnit() {
            return horizontal * vertical;
        }

        long blocks() {
            return blocksWide * blocksHigh;
        }

        /** By block, one bit for each coefficient that is known not to be zero, in zigzag order. */
        long[] nonzero() {
            if (nonzero.length == 0) {
                nonzero = new long[(int) blocks()];
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
        return parts.size() == 1 ? parts.get(0).component().blocks() : units();
    }

    private long units() {
        if (components.size() == 1) {
            return components.get(0).blocks();
        }
        return ceil(width, BLOCK * mostHorizontal) * ceil(height, BLOCK * mostVertical);
    }

    long blocks() {
        return components.stream().mapToLong(Component::blocks).sum();
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
