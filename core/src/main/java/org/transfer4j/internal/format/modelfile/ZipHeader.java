package org.transfer4j.internal.format.modelfile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The headers of one stored (uncompressed) ZIP entry, in the only form that a model file has: no time stamp, no
 * attributes, no comment. Because nothing is left open, a reader builds the header that must be there and compares
 * bytes, and no damage to a header goes unseen. Fields as in PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.5.3.
 *
 * @param name ASCII
 * @param size of the content in bytes
 * @param crc CRC-32 of the content
 * @param offset where the local header starts in the file
 */
record ZipHeader(String name, long size, int crc, long offset) {
    static final int LOCAL_SIGNATURE = 0x04034b50;
    static final int FIXED_LOCAL_LENGTH = 30;
    static final int CRC_POSITION = 14;
    static final int SIZE_POSITION = 22;

    /** What a 32-bit field holds where the real value is in the Zip64 extra field. */
    private static final long IN_ZIP64 = 0xFFFFFFFFL;

    private static final int CENTRAL_SIGNATURE = 0x02014b50;
    private static final int FIXED_CENTRAL_LENGTH = 46;
    private static final short VERSION_STORED = 10;
    private static final short VERSION_ZIP64 = 45;
    private static final short ZIP64_TAG = 1;

    /** 1 January 1980, the zero of ZIP: the same contents must give the same bytes. */
    private static final short NO_DATE = 0x0021;

    byte[] local() {
        int extra = isLarge() ? 20 : 0;
        ByteBuffer header =
                ByteBuffer.allocate(FIXED_LOCAL_LENGTH + name.length() + extra).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(LOCAL_SIGNATURE);
        putCommon(header, isLarge() ? VERSION_ZIP64 : VERSION_STORED, extra);
        header.put(nameBytes());
        if (isLarge()) {
            header.putShort(ZIP64_TAG).putShort((short) 16).putLong(size).putLong(size);
        }
        return header.array();
    }

    byte[] central() {
        boolean far = offset >= IN_ZIP64;
        int values = (isLarge() ? 16 : 0) + (far ? 8 : 0);
        int extra = values == 0 ? 0 : values + 4;
        short version = extra == 0 ? VERSION_STORED : VERSION_ZIP64;
        ByteBuffer header = ByteBuffer.allocate(FIXED_CENTRAL_LENGTH + name.length() + extra)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(CENTRAL_SIGNATURE);
        header.putShort(version); // made by: the same version, on no particular system
        putCommon(header, version, extra);
        header.putShort((short) 0); // comment length
        header.putShort((short) 0); // disk
        header.putShort((short) 0); // internal attributes
        header.putInt(0); // external attributes
        header.putInt((int) Math.min(offset, IN_ZIP64));
        header.put(nameBytes());
        if (extra > 0) {
            header.putShort(ZIP64_TAG).putShort((short) values);
            if (isLarge()) {
                header.putLong(size).putLong(size);
            }
            if (far) {
                header.putLong(offset);
            }
        }
        return header.array();
    }

    private boolean isLarge() {
        return size >= IN_ZIP64;
    }

    private void putCommon(ByteBuffer header, short version, int extra) {
        header.putShort(version);
        header.putShort((short) 0); // flags
        header.putShort((short) 0); // method: stored
        header.putShort((short) 0); // time
        header.putShort(NO_DATE);
        header.putInt(crc);
        int shown = (int) Math.min(size, IN_ZIP64);
        header.putInt(shown).putInt(shown);
        header.putShort((short) name.length());
        header.putShort((short) extra);
    }

    private byte[] nameBytes() {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The end of a ZIP file: the central directory and the end records. Fields as in PKWARE's APPNOTE 6.3.10, sections
     * 4.3.14 to 4.3.16; the Zip64 records are there only where an offset needs them.
     */
    static final class Directory {
        private static final int END_SIGNATURE = 0x06054b50;
        private static final int ZIP64_END_SIGNATURE = 0x06064b50;
        private static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
        private static final int END_LENGTH = 22;
        private static final int ZIP64_LENGTH = 56 + 20;

        private Directory() {}

        /** All bytes that follow the last entry, which ends at {@code start}. */
        static byte[] bytes(List<ZipHeader> entries, long start) {
            ByteArrayOutputStream directory = new ByteArrayOutputStream();
            entries.forEach(entry -> directory.writeBytes(entry.central()));
            int size = directory.size();
            short count = (short) entries.size();
            if (start >= IN_ZIP64) {
                directory.writeBytes(zip64End(start, size, count));
            }
            ByteBuffer end = ByteBuffer.allocate(END_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            end.putInt(END_SIGNATURE).putShort((short) 0).putShort((short) 0);
            end.putShort(count).putShort(count).putInt(size);
            end.putInt((int) Math.min(start, IN_ZIP64));
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
}
