package org.transfer4j.internal.format;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;

/**
 * A file of layers with named arrays, in whichever format: Keras' HDF5 and {@code .keras}, safetensors, DL4J's zip.
 * Names and shapes are read when it is opened, values when they are asked for and before it is closed. Such a file comes
 * from strangers: no reader allocates or reads more than the file's length, or what the network wants, allows.
 *
 * @param path the file
 * @param layout how the arrays are laid out
 * @param layers the layers, sequence by sequence in the network's order where the format has one
 * @param normalizations layers of Keras that are preprocessing here, not among the others
 * @param metadata what the file says of itself
 * @param source what is closed with it
 */
public record WeightsFile(
        Path path,
        ArrayLayout layout,
        List<StoredLayer> layers,
        List<StoredLayer> normalizations,
        Map<String, String> metadata,
        Closeable source)
        implements AutoCloseable {
    private static final int MOST_LISTED = 5;

    /** Copies the lists. */
    public WeightsFile {
        layers = List.copyOf(layers);
        normalizations = List.copyOf(normalizations);
        metadata = Map.copyOf(metadata);
    }

    /** An error about a file that can't be read. */
    public static UncheckedIOException unreadable(Path path, IOException e) {
        return FileFailure.of("can't read the weights file " + path, e);
    }

    /** Refuses what is no file. */
    public static void requireFile(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new WeightsException(path, Files.exists(path) ? "is not a file" : "there is no such file");
        }
    }

    /** The first of many things, for an error. */
    public static String listed(String separator, List<String> items) {
        String head = String.join(separator, items.subList(0, Math.min(MOST_LISTED, items.size())));
        return items.size() <= MOST_LISTED ? head : head + " and " + (items.size() - MOST_LISTED) + " more";
    }

    @Override
    public void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * A layer with weights in a file.
     *
     * @param name its name, or its group's where the file doesn't tell the name
     * @param named whether the name is the layer's own
     * @param group where the file has it, in a file of Keras; else empty
     * @param sequence which of the file's sequences it stands in: the layers of one sequence are in the network's order
     * @param arrays its weights in the order kernel, bias; for batch normalization scale, shift, mean, variance
     */
    public record StoredLayer(String name, boolean named, String group, String sequence, List<StoredArray> arrays) {
        /** Copies the list. */
        public StoredLayer {
            arrays = List.copyOf(arrays);
        }

        /** Of a file whose layers all have names of their own. */
        public StoredLayer(String name, boolean named, String sequence, List<StoredArray> arrays) {
            this(name, named, "", sequence, arrays);
        }
    }

    /** An array in a weights file, in the layout of the program that wrote it, not read yet. */
    public abstract static class StoredArray {
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

    /** How a program lays out the arrays of layers, and the way from there to the ops. They differ in kernels alone. */
    public interface ArrayLayout {
        /** Whose layout it is, for errors. */
        String owner();

        /** The shape of a kernel in the file. */
        long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel);

        /** A kernel's values in the file's order, brought into the op's. */
        float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored);

        /** The shape of a parameter in the file. */
        default long[] shape(LayerShapes layer, LayerShapes.Parameter parameter) {
            return parameter.isKernel()
                    ? kernelShape(layer, parameter)
                    : parameter.shape().toArray();
        }

        /** The shape that an array of a file should have; one of several, where a program writes the same values in either. */
        default long[] shape(LayerShapes layer, LayerShapes.Parameter parameter, StoredArray array) {
            return shape(layer, parameter);
        }

        /** A matrix of so many rows, with rows and columns exchanged. */
        static float[] transposed(float[] stored, int rows, int columns) {
            return transposed(stored, rows, columns, 1);
        }

        /** The same of blocks of so many values. */
        static float[] transposed(float[] stored, int rows, int columns, int block) {
            float[] values = new float[stored.length];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    int from = (row * columns + column) * block;
                    System.arraycopy(stored, from, values, (column * rows + row) * block, block);
                }
            }
            return values;
        }
    }
}
