package org.transfer4j.internal.weights;

import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import java.util.Arrays;
import org.transfer4j.error.WeightsException;

/** An array in a weights file, in Keras' layout, not read yet. */
final class StoredArray {
    private final Hdf5 file;
    private final String name;
    private final Dataset dataset;
    private final long[] shape;

    StoredArray(Hdf5 file, String name, Dataset dataset) {
        this.file = file;
        this.name = name;
        this.dataset = dataset;
        this.shape = file.guarded(name, dataset::getDimensionsAsLong);
    }

    String name() {
        return name;
    }

    boolean hasShape(long... expected) {
        return Arrays.equals(shape, expected);
    }

    String shapeText() {
        return Arrays.toString(shape);
    }

    /**
     * Reads the values, in C order.
     *
     * @param expected the shape that the caller wants, which bounds what is read
     */
    float[] read(long... expected) {
        if (!hasShape(expected)) {
            throw new WeightsException(
                    file.path(), name + " is of shape " + shapeText() + ", expected " + Arrays.toString(expected));
        }
        float[] values = floats(file.guarded(name, this::data));
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new WeightsException(file.path(), name + " holds values that are not finite: " + value);
            }
        }
        return values;
    }

    private Object data() {
        if (dataset instanceof ChunkedDataset chunked) {
            new Chunks(file, name, chunked).check();
        }
        Object data = dataset.getDataFlat();
        return data == null ? "nothing" : data;
    }

    private float[] floats(Object data) {
        long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (data instanceof float[] floats && floats.length == size) {
            return floats;
        }
        if (data instanceof double[] doubles && doubles.length == size) {
            float[] floats = new float[doubles.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) doubles[i];
            }
            return floats;
        }
        throw new WeightsException(
                file.path(),
                name + " holds no floating-point numbers but " + data.getClass().getSimpleName());
    }
}
