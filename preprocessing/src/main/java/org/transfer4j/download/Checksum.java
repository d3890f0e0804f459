package org.transfer4j.download;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the bytes of a file must hash to.
 *
 * @param algorithm the hash function
 * @param hex the hash in lower-case hexadecimal digits, as many as the algorithm has
 * @param confirmed true where the authors of this library computed it from the real file, false where it is copied from
 *     its publisher and was never checked here
 */
public record Checksum(Algorithm algorithm, String hex, boolean confirmed) {
    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]+");

    /** A hash function. */
    public enum Algorithm {
        /** MD5, for publishers that give nothing else: it finds damage, not malice. */
        MD5("MD5", 32),
        /** SHA-256. */
        SHA_256("SHA-256", 64);

        private final String standardName;
        private final int digits;

        Algorithm(String standardName, int digits) {
            this.standardName = standardName;
            this.digits = digits;
        }

        /**
         * The name by which {@link java.security.MessageDigest} knows it.
         *
         * @return "MD5" or "SHA-256"
         */
        public String standardName() {
            return standardName;
        }
    }

    /**
     * Checks the digits and lowers their case.
     *
     * @throws IllegalArgumentException if the digits are not hexadecimal or not as many as the algorithm has
     */
    public Checksum {
        hex = hex.toLowerCase(Locale.ROOT);
        if (hex.length() != algorithm.digits || !DIGITS.matcher(hex).matches()) {
            throw new IllegalArgumentException("a checksum of " + algorithm.standardName + " has " + algorithm.digits
                    + " hexadecimal digits, but was \"" + hex + "\"");
        }
    }

    /**
     * A confirmed MD5.
     *
     * @param hex 32 hexadecimal digits
     * @return the checksum
     */
    public static Checksum md5(String hex) {
        return new Checksum(Algorithm.MD5, hex, true);
    }

    /**
     * A confirmed SHA-256.
     *
     * @param hex 64 hexadecimal digits
     * @return the checksum
     */
    public static Checksum sha256(String hex) {
        return new Checksum(Algorithm.SHA_256, hex, true);
    }

    /**
     * The same digits, marked as copied from the publisher and never checked here against the real file.
     *
     * @return a checksum that is not {@link #confirmed()}
     */
    public Checksum unconfirmed() {
        return new Checksum(algorithm, hex, false);
    }

    /**
     * The algorithm and the digits.
     *
     * @return for example "MD5 6d6bbae143d832006294945121d1f1fc"
     */
    @Override
    public String toString() {
        return algorithm.standardName + " " + hex;
    }
}
