package org.transfer4j.internal.cache;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest that names everything in a cache. */
final class Sha256 {
    /** The length of a digest. */
    static final int BYTES = 32;

    private Sha256() {}

    static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
