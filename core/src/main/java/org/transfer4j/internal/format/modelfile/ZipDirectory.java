package org.transfer4j.internal.format.modelfile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The end of a ZIP file: the central directory and the end records. Fields as in PKWARE's APPNOTE 6.3.10, sections
 * 4.3.14 to 4.3.16; the Zip64 records are there only where an offset needs them.
 */
final class ZipDirectory {
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int ZIP64_END_SIGNATURE = 0x06064b50;
    private static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
    private static final int END_LENGTH = 22;
    private static final int ZIP64_LENGTH = 56 + 20;
    private static final short VERSION_ZIP64 = 45;

    private ZipDirectory() {}

    /** All bytes that follow the last entry, which ends at {@code start}. */
    static byte[] bytes(List<ZipHeader> entries, long start) {
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        entries.forEach(entry -> directory.writeBytes(entry.central()));
        int size = directory.size();
        short count = (short) entries.size();
        if (start >= ZipHeader.IN_ZIP64) {
            directory.writeBytes(zip64End(start, size, count));
        }
        ByteBuffer end = ByteBuffer.allocate(END_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        end.putInt(END_SIGNATURE).putShort((short) 0).putShort((short) 0);
        end.putShort(count).putShort(count).putInt(size);
        end.putInt((int) Math.min(start, ZipHeader.IN_ZIP64));
        directory.writeBytes(end.array());
        return directory.toByteArray();
    }

    private static byte[] zip64End(long start, int size, short count) {
        ByteBuffer end = ByteBuffer.allocate(ZIP64_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        end.putInt(ZIP64_END_SIGNATURE).putLong(44); // length of what follows this field
        end.putShort(VERSION_ZIP64).putShort(VERSION_ZIP64).putInt(0).putInt(0);
        end.putLong(count).putLong(count).putLong(size).putLong(start);
        end.putInt(ZIP64_LOCATOR_SIGNATURE).putInt(0).putLong(start + size).putInt(1);
        return end.array();
    }
}
