package org.transfer4j.internal.format.modelfile;

import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.transfer4j.internal.file.Sha256;

/** Takes bytes and keeps only what identifies them: CRC-32 for the ZIP headers, SHA-256 for the manifest. */
final class EntryDigest extends OutputStream {
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
