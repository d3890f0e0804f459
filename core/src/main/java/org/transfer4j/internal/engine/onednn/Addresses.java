package org.transfer4j.internal.engine.onednn;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Arithmetic on native addresses. */
final class Addresses {
    /** A cache line, and the width of the widest register. */
    private static final long ALIGNMENT = 64;

    private Addresses() {}

    /** A pointer some bytes further; it owns nothing. */
    static Pointer offset(Pointer base, long bytes) {
        BytePointer pointer = new BytePointer(base);
        return pointer.position(pointer.position() + bytes);
    }

    static boolean isAligned(Pointer pointer) {
        return (pointer.address() + pointer.position() * pointer.sizeof()) % ALIGNMENT == 0;
    }
}
