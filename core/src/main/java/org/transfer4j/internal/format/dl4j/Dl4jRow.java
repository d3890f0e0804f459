package org.transfer4j.internal.format.dl4j;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.memory.NativeMemory;

/** The row of all parameters of a network of DL4J, read anywhere; cheap where it goes forwards. */
final class Dl4jRow implements Closeable {
    private final ZipContents zip;
    private final long length;
    private @Nullable InputStream in;
    private @Nullable Dl4jCoefficients coefficients;
    private long position;
    private float[] last = {};
    private long lastStart = -1;

    private Dl4jRow(ZipContents zip, long length) {
        this.zip = zip;
        this.length = length;
    }

    /** Reads it once to see whether it is whole, if it has the length that is expected. */
    static Dl4jRow open(ZipContents zip, long expected) {
        try (InputStream in = zip.stream(Dl4jCoefficients.NAME)) {
            Dl4jCoefficients coefficients = Dl4jCoefficients.open(in);
            if (coefficients.length() == expected) {
                NativeMemory.require(
                        zip.path(), "a row of " + expected + " parameters", Math.multiplyExact(expected, 4L));
                coefficients.skip(expected);
                coefficients.requireEnd(zip.checksum(Dl4jCoefficients.NAME));
            }
            return new Dl4jRow(zip, coefficients.length());
        } catch (IOException | RuntimeException e) {
            throw unreadable(zip, e);
        }
    }

    /** How many values there are. */
    long length() {
        return length;
    }

    /** Reads some of the values; cheap where it goes forwards, or asks for the same again. */
    float[] read(long start, int count) {
        if (start == lastStart && count == last.length) {
            return last;
        }
        try {
            Dl4jCoefficients from = at(start);
            float[] values = new float[count];
            from.read(values, count);
            position = start + count;
            last = values;
            lastStart = start;
            return values;
        } catch (IOException | RuntimeException e) {
            throw unreadable(zip, e);
        }
    }

    private Dl4jCoefficients at(long start) throws IOException {
        Dl4jCoefficients from = coefficients;
        if (from == null || start < position) {
            close();
            InputStream opened = zip.stream(Dl4jCoefficients.NAME);
            in = opened;
            from = Dl4jCoefficients.open(opened);
            coefficients = from;
            position = 0;
        }
        from.skip(start - position);
        position = start;
        return from;
    }

    private static TransferException unreadable(ZipContents zip, Exception e) {
        if (e instanceof TransferException known) {
            return known;
        }
        return e instanceof MalformedModelException malformed
                ? zip.damaged(malformed.reason(), null)
                : zip.damaged(Dl4jCoefficients.NAME + " can't be read", e);
    }

    @Override
    public void close() throws IOException {
        if (in != null) {
            in.close();
        }
    }
}
