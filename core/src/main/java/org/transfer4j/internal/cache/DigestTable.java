package org.transfer4j.internal.cache;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Numbers digests in the order in which they come first: 32 bytes and two or three ints for each, no objects. */
final class DigestTable {
    private final byte[] digests;
    private final int[] slots;
    private int size;

    DigestTable(int most) {
        digests = new byte[Math.multiplyExact(most, Sha256.BYTES)];
        slots = new int[Math.max(2, Integer.highestOneBit(most) << 2)];
    }

    int size() {
        return size;
    }

    /** The number of the digest that starts there, a new one if it was not known. */
    int add(byte[] source, int offset) {
        int slot = slot(source, offset);
        if (slots[slot] == 0) {
            System.arraycopy(source, offset, digests, size * Sha256.BYTES, Sha256.BYTES);
            size++;
            slots[slot] = size;
        }
        return slots[slot] - 1;
    }

    /** The number of the digest that starts there, or -1. */
    int find(byte[] source, int offset) {
        return slots[slot(source, offset)] - 1;
    }

    void copy(int number, byte[] target, int offset) {
        System.arraycopy(digests, number * Sha256.BYTES, target, offset, Sha256.BYTES);
    }

    /** Where the digest is, or the free slot where it belongs. A digest is its own hash. */
    private int slot(byte[] source, int offset) {
        int slot = ByteBuffer.wrap(source).getInt(offset) & (slots.length - 1);
        while (slots[slot] != 0 && !isAt(slots[slot] - 1, source, offset)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean isAt(int number, byte[] source, int offset) {
        int start = number * Sha256.BYTES;
        return Arrays.equals(digests, start, start + Sha256.BYTES, source, offset, offset + Sha256.BYTES);
    }
}
