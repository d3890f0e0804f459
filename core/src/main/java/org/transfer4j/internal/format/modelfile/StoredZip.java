package org.transfer4j.internal.format.modelfile;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.transfer4j.internal.file.Sha256;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.safetensors.Safetensors;

/**
 * A ZIP file of stored (uncompressed) entries in the only form that a model file has: no time stamp, no attributes, no comment.
 * Because nothing is left open, a reader builds the header that must be there and compares bytes, and no damage to a header goes
 * unseen. Fields as in PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
 */
final class StoredZip {
    /** What a 32-bit field holds where the real value is in the Zip64 extra field. */
    private static final long IN_ZIP64 = 0xFFFFFFFFL;

    private static final short VERSION_ZIP64 = 45;

    private StoredZip() {}

    /** Writes a ZIP file of stored entries front to back. */
    static final class Writer {
        private final OutputStream out;
        private final List<Header> entries = new ArrayList<>();
        private long position;

        Writer(OutputStream out) {
            this.out = out;
        }

        void add(String name, int crc, EntryBody body) throws IOException {
            Header header = new Header(name, body.size(), crc, position);
            byte[] local = header.local();
            out.write(local);
            body.writing().to(out);
            position += local.length + body.size();
            entries.add(header);
        }

        void finish() throws IOException {
            out.write(Directory.bytes(entries, position));
        }
    }

    /**
     * Reads what {@link Writer} wrote, front to back, and accepts not one bit of difference in the headers: the
     * caller says which entry must come next.
     */
    static final class Reader {
        private final InputStream in;
        private final List<Header> entries = new ArrayList<>();
        private long position;

        Reader(InputStream in) {
            this.in = in;
        }

        /** Reads the whole of the first entry, whose size only its header tells. */
        byte[] readFirst(String name, int largest) throws IOException {
            byte[] local = readBytes(Header.FIXED_LOCAL_LENGTH + name.length());
            ByteBuffer fields = ByteBuffer.wrap(local).order(ByteOrder.LITTLE_ENDIAN);
            long size = Integer.toUnsignedLong(fields.getInt(Header.SIZE_POSITION));
            if (size > largest) {
                throw new MalformedModelException(
                        "the file is damaged: " + name + " may have " + largest + " bytes at most, but has " + size);
            }
            EntryInput entry = accept(local, new Header(name, size, fields.getInt(Header.CRC_POSITION), 0));
            byte[] content = entry.readNBytes((int) size);
            entry.finish();
            return content;
        }

        /** Opens the entry that must come next; it has to be read to its end, and finished, before the one after it. */
        EntryInput open(String name, long size) throws IOException {
            long start = position;
            byte[] local = readBytes(new Header(name, size, 0, start).local().length);
            int crc = ByteBuffer.wrap(local).order(ByteOrder.LITTLE_ENDIAN).getInt(Header.CRC_POSITION);
            return accept(local, new Header(name, size, crc, start));
        }

        /** Checks all that follows the last entry. */
        void finish() throws IOException {
            byte[] expected = Directory.bytes(entries, position);
            if (!Arrays.equals(expected, readBytes(expected.length)) || in.read() >= 0) {
                throw new MalformedModelException("the file is damaged: its ZIP directory does not fit its entries");
            }
        }

        /** The name in the local header that starts with these bytes, empty where it is not one. */
        static String nameIn(byte[] head) {
            if (head.length < Header.FIXED_LOCAL_LENGTH) {
                return "";
            }
            ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
            int length = Short.toUnsignedInt(fields.getShort(26));
            if (fields.getInt(0) != Header.LOCAL_SIGNATURE || Header.FIXED_LOCAL_LENGTH + length > head.length) {
                return "";
            }
            return new String(head, Header.FIXED_LOCAL_LENGTH, length, StandardCharsets.ISO_8859_1);
        }

        private EntryInput accept(byte[] local, Header expected) throws MalformedModelException {
            if (!Arrays.equals(local, expected.local())) {
                throw new MalformedModelException("the file is damaged: the ZIP header of " + expected.name()
                        + " at byte " + expected.offset() + " is not as Transfer4J writes it");
            }
            entries.add(expected);
            position += expected.size();
            return new EntryInput(in, expected);
        }

        private byte[] readBytes(int count) throws IOException {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            position += count;
            return bytes;
        }
    }

    /** The content of one entry while it is read; counts it and takes its checksums on the way. */
    static final class EntryInput extends InputStream {
        private final InputStream in;
        private final Header header;
        private final EntryDigest digest = new EntryDigest();
        private long remaining;

        EntryInput(InputStream in, Header header) {
            this.in = in;
            this.header = header;
            remaining = header.size();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        /** Fills the part of the array; less only where the entry ends in it. */
        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = (int) Math.min(length, remaining);
            if (count == 0 && length > 0) {
                return -1;
            }
            if (in.readNBytes(bytes, offset, count) < count) {
                throw new EOFException();
            }
            remaining -= count;
            digest.write(bytes, offset, count);
            return count;
        }

        /** Checks the CRC-32 and gives the SHA-256, after the last byte. */
        String finish() throws MalformedModelException {
            if (remaining > 0) {
                throw new MalformedModelException(header.name() + " has " + remaining + " bytes too many");
            }
            if (digest.crc() != header.crc()) {
                throw new MalformedModelException("the file is damaged: wrong CRC-32 of " + header.name());
            }
            return digest.sha256();
        }
    }

    /** The content of one entry. It can be written more than once: first to take its checksums, then into the file. */
    record EntryBody(long size, Writing writing) {
        interface Writing {
            void to(OutputStream out) throws IOException;
        }

        static EntryBody of(Safetensors arrays) {
            return new EntryBody(arrays.size(), arrays::writeTo);
        }

        static EntryBody of(byte[] bytes) {
            return new EntryBody(bytes.length, out -> out.write(bytes));
        }
    }

    /** Takes bytes and keeps only what identifies them: CRC-32 for the ZIP headers, SHA-256 for the manifest. */
    static final class EntryDigest extends OutputStream {
        private final CRC32 crc = new CRC32();
        private final MessageDigest sha256 = Sha256.create();

        @Override
        public void write(int value) {
            crc.update(value);
            sha256.update((byte) value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            crc.update(bytes, offset, length);
            sha256.update(bytes, offset, length);
        }

        int crc() {
            return (int) crc.getValue();
        }

        /** Lower-case hexadecimal. Ends the digest: call it once. */
        String sha256() {
            return HexFormat.of().formatHex(sha256.digest());
        }
    }

    /**
     * The headers of one entry.
     *
     * @param name ASCII
     * @param size of the content in bytes
     * @param crc CRC-32 of the content
     * @param offset where the local header starts in the file
     */
    record Header(String name, long size, int crc, long offset) {
        static final int LOCAL_SIGNATURE = 0x04034b50;
        static final int FIXED_LOCAL_LENGTH = 30;
        static final int CRC_POSITION = 14;
        static final int SIZE_POSITION = 22;

        private static final int CENTRAL_SIGNATURE = 0x02014b50;
        private static final int FIXED_CENTRAL_LENGTH = 46;
        private static final short VERSION_STORED = 10;
        private static final short ZIP64_TAG = 1;

        /** 1 January 1980, the zero of ZIP: the same contents must give the same bytes. */
        private static final short NO_DATE = 0x0021;

        byte[] local() {
            int extra = isLarge() ? 20 : 0;
            ByteBuffer header = ByteBuffer.allocate(FIXED_LOCAL_LENGTH + name.length() + extra)
                    .order(ByteOrder.LITTLE_ENDIAN);
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
    }

    /**
     * The end of a ZIP file: the central directory and the end records. The Zip64 records are there only where an offset needs
     * them.
     */
    static final class Directory {
        private static final int END_SIGNATURE = 0x06054b50;
        private static final int ZIP64_END_SIGNATURE = 0x06064b50;
        private static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
        private static final int END_LENGTH = 22;
        private static final int ZIP64_LENGTH = 56 + 20;

        private Directory() {}

        /** All bytes that follow the last entry, which ends at {@code start}. */
        static byte[] bytes(List<Header> entries, long start) {
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
