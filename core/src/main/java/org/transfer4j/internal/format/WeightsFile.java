package org.transfer4j.internal.format;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;

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
}
