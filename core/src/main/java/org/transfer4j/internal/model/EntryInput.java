package org.transfer4j.internal.model;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The content of one entry while it is read; counts it and takes its checksums on the way. */
final class EntryInput {
    private final InputStream in;
    private final ZipHeader header;
    private final ContentDigest digest = new ContentDigest();
    private long remaining;

    EntryInput(InputStream in, ZipHeader header) {
        this.in = in;
        this.header = header;
        remaining = header.size();
    }

    long remaining() {
        return remaining;
    }

    /** Fills part of an array; never more than is left of the entry. */
    void read(byte[] bytes, int count) throws IOException {
        if (count > remaining) {
            throw new MalformedModelException(
                    header.name() + " ends too early: " + count + " bytes are needed, " + remaining + " are left");
        }
        if (in.readNBytes(bytes, 0, count) < count) {
            throw new EOFException();
        }
        remaining -= count;
        digest.write(bytes, 0, count);
    }

    byte[] readBytes(int count) throws IOException {
        byte[] bytes = new byte[(int) Math.min(count, remaining)];
        read(bytes, count);
        return bytes;
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
