package org.transfer4j.internal.feature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.FreeSpace;

/**
 * What the features of one phase take on disk.
 *
 * @param trainingRows rows that the training images become, 0 where none are kept or only reading tells how many
 * @param validationRows the same of the validation images
 * @param rowBytes what a row takes
 */
public record FeatureVolume(long trainingRows, long validationRows, long rowBytes) {
    /** Where no features are kept. */
    public static final FeatureVolume NONE = new FeatureVolume(0, 0, 0);

    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    /** Of images whose features have a shape. */
    public static FeatureVolume of(long trainingRows, long validationRows, long[] featureShape) {
        return new FeatureVolume(Math.max(0, trainingRows), Math.max(0, validationRows), rowBytes(featureShape));
    }

    /** What one image's features take, given their shape without the batch dimension. */
    public static long rowBytes(long[] featureShape) {
        long bytes = Float.BYTES;
        for (long length : featureShape) {
            bytes = Math.multiplyExact(bytes, length);
        }
        return bytes;
    }

    /** The number of rows. */
    public long rows() {
        return trainingRows + validationRows;
    }

    /** What they take; the largest long where it is more than that. */
    public long bytes() {
        return bytes(rows()).min(MOST).longValue();
    }

    private BigInteger bytes(long rows) {
        return BigInteger.valueOf(rows).multiply(BigInteger.valueOf(rowBytes));
    }

    /** Whether a folder's disk has room for them. */
    public boolean fits(Path folder) throws IOException {
        return bytes(rows()).compareTo(BigInteger.valueOf(FreeSpace.of(folder))) <= 0;
    }

    /**
     * Checks that a folder's disk has room for them.
     *
     * @param what what needs the room, as the subject of a sentence in the plural
     * @param kind what the folder is
     * @param advice what else to do, besides making room
     * @throws UncheckedIOException if it has not; it says what training and validation need, and what is left
     */
    public void requireRoom(Path folder, String what, String kind, String advice) {
        try {
            if (!fits(folder)) {
                throw new IOException(what + " need " + bytes(rows()) + " bytes" + parts() + ", the " + kind + " "
                        + folder + " has " + FreeSpace.of(folder) + " left; " + advice);
            }
        } catch (IOException e) {
            throw FileFailure.of("can't keep features in the " + kind + " " + folder, e);
        }
    }

    private String parts() {
        return trainingRows == 0 || validationRows == 0
                ? ""
                : " (" + bytes(trainingRows) + " for training, " + bytes(validationRows) + " for validation)";
    }
}
