package org.transfer4j.internal.format.modelfile;

import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** Takes bytes and keeps only what identifies them: CRC-32 for the ZIP headers, SHA-256 for the manifest. */
final class ContentDigest extends OutputStream {
    private final CRC32 crc = new CRC32();
    private final MessageDigest sha256;

    ContentDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

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
