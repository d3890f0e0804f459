package org.transfer4j.internal.format.modelfile;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.transfer4j.internal.format.MalformedModelException;

/** The content of one entry while it is read; counts it and takes its checksums on the way. */
final class EntryInput extends InputStream {
    private final InputStream in;
    private final ZipHeader header;
    private final ContentDigest digest = new ContentDigest();
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
