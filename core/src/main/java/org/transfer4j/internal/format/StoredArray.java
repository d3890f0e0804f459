package org.transfer4j.internal.format;

import java.nio.file.Path;
import java.util.Arrays;
import org.transfer4j.error.WeightsException;

/** An array in a weights file, in the layout of the program that wrote it, not read yet. */
public abstract class StoredArray {
    protected final Path file;
    private final String name;
    private final long[] shape;

    protected StoredArray(Path file, String name, long... shape) {
        this.file = file;
        this.name = name;
        this.shape = shape;
    }

    public final String name() {
        return name;
    }

    public final long[] shape() {
        return shape;
    }

    public final boolean hasShape(long... expected) {
        return Arrays.equals(shape, expected);
    }

    public final String shapeText() {
        return Arrays.toString(shape);
    }

    /**
     * Reads the values, in C order.
     *
     * @param expected the shape that the caller wants, which bounds what is read
     */
    public final float[] read(long... expected) {
        if (!hasShape(expected)) {
            throw fault("is of shape " + shapeText() + ", expected " + Arrays.toString(expected));
        }
        long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        float[] values = values(Math.toIntExact(size));
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw fault("holds values that are not finite: " + value);
            }
        }
        return values;
    }

    /**
     * Reads the values, in C order.
     *
     * @param size how many there are
     */
    protected abstract float[] values(int size);

    /** An error about this array. */
    protected final WeightsException fault(String reason) {
        return new WeightsException(file, name + " " + reason);
    }
}
