package org.transfer4j.internal.format.keras;

import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import org.transfer4j.internal.format.StoredArray;

/** An array in an HDF5 file: floating-point numbers of 16, 32 or 64 bits as IEEE 754 has them. */
final class Hdf5Array extends StoredArray {
    private final Hdf5 container;
    private final Dataset dataset;

    Hdf5Array(Hdf5 container, String name, Dataset dataset) {
        super(container.path(), name, container.guarded(name, dataset::getDimensionsAsLong));
        this.container = container;
        this.dataset = dataset;
    }

    @Override
    protected float[] values(int size) {
        DataType type = container.guarded(name(), dataset::getDataType);
        if (!(type instanceof FloatingPoint number) || !isIeee(number)) {
            throw fault("holds no floating-point numbers but " + describe(type));
        }
        return floats(container.guarded(name(), this::data), size);
    }

    /** The reader takes any 2 bytes for IEEE's half and any 4 for its float. */
    private static boolean isIeee(FloatingPoint type) {
        return switch (type.getSize()) {
            case Short.BYTES -> type.getExponentSize() == 5 && type.getMantissaSize() == 10;
            case Float.BYTES -> type.getExponentSize() == 8 && type.getMantissaSize() == 23;
            case Double.BYTES -> type.getExponentSize() == 11 && type.getMantissaSize() == 52;
            default -> false;
        };
    }

    private String describe(DataType type) {
        String name = type instanceof FloatingPoint number
                ? "numbers of " + number.getExponentSize() + " bits of exponent and " + number.getMantissaSize()
                        + " of mantissa"
                : container.guarded(name(), dataset::getJavaType).getSimpleName();
        return name + " in " + type.getSize() + " bytes";
    }

    private Object data() {
        if (dataset instanceof ChunkedDataset chunked) {
            new Chunks(container, name(), chunked).check();
        }
        Object data = dataset.getDataFlat();
        return data == null ? "nothing" : data;
    }

    private float[] floats(Object data, int size) {
        if (data instanceof float[] floats && floats.length == size) {
            return floats;
        }
        if (data instanceof double[] doubles && doubles.length == size) {
            float[] floats = new float[size];
            for (int i = 0; i < size; i++) {
                floats[i] = (float) doubles[i];
            }
            return floats;
        }
        throw fault("holds no " + size + " floating-point numbers but "
                + data.getClass().getSimpleName());
    }
}
