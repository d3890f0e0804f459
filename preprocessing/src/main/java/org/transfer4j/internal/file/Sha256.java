package org.transfer4j.internal.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, the digest by which contents are known. */
public final class Sha256 {
    /** The length of a digest. */
    public static final int BYTES = 32;

    private Sha256() {}

    /** A new one. */
    public static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
