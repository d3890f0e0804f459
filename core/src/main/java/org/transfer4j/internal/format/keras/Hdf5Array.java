package org.transfer4j.internal.format.keras;

import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile.StoredArray;

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
            new Chunks(chunked).check();
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

    /**
     * The pieces of a compressed dataset. Before the reader inflates them into memory, they are inflated into nothing, to see
     * that none is larger than it says: a forged piece would otherwise grow a thousandfold.
     */
    private final class Chunks {
        /** Identifiers of HDF5's own filters. */
        private static final int DEFLATE = 1;

        private static final int SHUFFLE = 2;
        private static final int BUFFER = 1 << 16;

        private final ChunkedDataset chunked;
        private final int[] chunk;
        private final long chunkBytes;
        private long stored;

        Chunks(ChunkedDataset chunked) {
            this.chunked = chunked;
            this.chunk = chunked.getChunkDimensions();
            long elements = 1;
            for (int length : chunk) {
                elements = Math.multiplyExact(elements, (long) length);
            }
            this.chunkBytes =
                    Math.multiplyExact(elements, (long) chunked.getDataType().getSize());
        }

        void check() {
            long limit = Math.max(chunked.getSizeInBytes(), BUFFER);
            if (chunkBytes <= 0 || chunkBytes > limit) {
                throw damaged("pieces of " + chunkBytes + " bytes in an array of " + chunked.getSizeInBytes());
            }
            List<PipelineFilterWithData> filters = chunked.getFilters();
            boolean deflated = false;
            for (PipelineFilterWithData filter : filters) {
                boolean first = !deflated;
                if (filter.getId() == DEFLATE && first) {
                    deflated = true;
                } else if (filter.getId() != SHUFFLE || !first) {
                    throw fault("is compressed with " + filter.getName() + ", only gzip can be read");
                }
            }
            if (deflated) {
                checkAll(new int[chunk.length], 0);
            }
        }

        /** Visits the grid of pieces, one dimension after the other. */
        private void checkAll(int[] offset, int dimension) {
            if (dimension == chunk.length) {
                ByteBuffer piece = chunked.getRawChunkBuffer(offset);
                stored += piece.remaining();
                if (!container.holds(dataset, stored)) {
                    throw damaged(
                            "compressed pieces have places of their own, but together are larger than the file of "
                                    + container.length() + " bytes");
                }
                checkInflated(piece);
                return;
            }
            int length = chunked.getDimensions()[dimension];
            for (int at = 0; at < length; at += chunk[dimension]) {
                offset[dimension] = at;
                checkAll(offset, dimension + 1);
            }
            offset[dimension] = 0;
        }

        private void checkInflated(ByteBuffer deflated) {
            Inflater inflater = new Inflater();
            byte[] nothing = new byte[BUFFER];
            try {
                inflater.setInput(deflated);
                long size = 0;
                while (!inflater.finished()) {
                    int count = inflater.inflate(nothing);
                    size += count;
                    if (count == 0 || size > chunkBytes) {
                        throw damaged("a compressed piece is not of " + chunkBytes + " bytes");
                    }
                }
                if (size != chunkBytes) {
                    throw damaged("a compressed piece is of " + size + " bytes, expected " + chunkBytes);
                }
            } catch (DataFormatException e) {
                throw damaged("a compressed piece can't be inflated (" + e.getMessage() + ")");
            } finally {
                inflater.end();
            }
        }

        private WeightsException damaged(String reason) {
            return new WeightsException(file, "is damaged: " + name() + ": " + reason);
        }
    }
}
