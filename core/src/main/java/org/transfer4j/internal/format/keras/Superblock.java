package org.transfer4j.internal.format.keras;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The first bytes of an HDF5 file, as far as they tell whether the file is whole. After the HDF5 file format
 * specification 3.0, section II.A.
 */
final class Superblock {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    private static final int VERSION_AT = 8;
    private static final int FIRST_USER_BLOCK = 512;

    private Superblock() {}

    /** Where the superblock is: at 0, or after a block of the user's of 512 bytes or a power of two times that. */
    static OptionalInt find(ByteBuffer file) {
        for (long at = 0; at + SIGNATURE.length < file.capacity(); at = at == 0 ? FIRST_USER_BLOCK : 2 * at) {
            if (signatureAt(file, (int) at)) {
                return OptionalInt.of((int) at);
            }
        }
        return OptionalInt.empty();
    }

    /** How long the file is by its own account; empty where the superblock is of a form not known here. */
    static OptionalLong declaredLength(ByteBuffer file, int start) {
        ByteBuffer block = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int version = block.get(start + VERSION_AT);
        int offsetSizeAt = version < 2 ? 13 : 9;
        int lengthAt = version == 0 ? 40 : version == 1 ? 44 : 28;
        boolean known = version >= 0 && version <= 3 && start + lengthAt + Long.BYTES <= file.capacity();
        if (!known || block.get(start + offsetSizeAt) != Long.BYTES) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(block.getLong(start + lengthAt));
    }

    private static boolean signatureAt(ByteBuffer file, int at) {
        for (int i = 0; i < SIGNATURE.length; i++) {
            if (file.get(at + i) != SIGNATURE[i]) {
                return false;
            }
        }
        return true;
    }
}
