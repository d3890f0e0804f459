package org.transfer4j.internal.format.modelfile;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.transfer4j.internal.format.MalformedModelException;

/**
 * Reads what {@link ArchiveContent.StoredZipWriter} wrote, front to back, and accepts not one bit of difference in the headers: the
 * caller says which entry must come next.
 */
final class StoredZipReader {
    private final InputStream in;
    private final List<ZipHeader> entries = new ArrayList<>();
    private long position;

    StoredZipReader(InputStream in) {
        this.in = in;
    }

    /** Reads the whole of the first entry, whose size only its header tells. */
    byte[] readFirst(String name, int largest) throws IOException {
        byte[] local = readBytes(ZipHeader.FIXED_LOCAL_LENGTH + name.length());
        ByteBuffer fields = ByteBuffer.wrap(local).order(ByteOrder.LITTLE_ENDIAN);
        long size = Integer.toUnsignedLong(fields.getInt(ZipHeader.SIZE_POSITION));
        if (size > largest) {
            throw new MalformedModelException(
                    "the file is damaged: " + name + " may have " + largest + " bytes at most, but has " + size);
        }
        EntryInput entry = accept(local, new ZipHeader(name, size, fields.getInt(ZipHeader.CRC_POSITION), 0));
        byte[] content = entry.readNBytes((int) size);
        entry.finish();
        return content;
    }

    /** Opens the entry that must come next; it has to be read to its end, and finished, before the one after it. */
    EntryInput open(String name, long size) throws IOException {
        long start = position;
        byte[] local = readBytes(new ZipHeader(name, size, 0, start).local().length);
        int crc = ByteBuffer.wrap(local).order(ByteOrder.LITTLE_ENDIAN).getInt(ZipHeader.CRC_POSITION);
        return accept(local, new ZipHeader(name, size, crc, start));
    }

    /** Checks all that follows the last entry. */
    void finish() throws IOException {
        byte[] expected = ZipHeader.Directory.bytes(entries, position);
        if (!Arrays.equals(expected, readBytes(expected.length)) || in.read() >= 0) {
            throw new MalformedModelException("the file is damaged: its ZIP directory does not fit its entries");
        }
    }

    /** The name in the local header that starts with these bytes, empty where it is not one. */
    static String nameIn(byte[] head) {
        if (head.length < ZipHeader.FIXED_LOCAL_LENGTH) {
            return "";
        }
        ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        int length = Short.toUnsignedInt(fields.getShort(26));
        if (fields.getInt(0) != ZipHeader.LOCAL_SIGNATURE || ZipHeader.FIXED_LOCAL_LENGTH + length > head.length) {
            return "";
        }
        return new String(head, ZipHeader.FIXED_LOCAL_LENGTH, length, StandardCharsets.ISO_8859_1);
    }

    private EntryInput accept(byte[] local, ZipHeader expected) throws MalformedModelException {
        if (!Arrays.equals(local, expected.local())) {
            throw new MalformedModelException("the file is damaged: the ZIP header of " + expected.name() + " at byte "
                    + expected.offset() + " is not as Transfer4J writes it");
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

    /** The content of one entry while it is read; counts it and takes its checksums on the way. */
    static final class EntryInput extends InputStream {
        private final InputStream in;
        private final ZipHeader header;
        private final EntryDigest digest = new EntryDigest();
        private long remaining;

        EntryInput(InputStream in, ZipHeader header) {
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
}
