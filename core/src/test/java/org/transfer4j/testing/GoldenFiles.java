package org.transfer4j.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What other programs computed: the files in {@code src/test/resources/golden}, which its README describes. */
public final class GoldenFiles {
    private GoldenFiles() {}

    /**
     * A file.
     *
     * @param name its path in the folder, for example "weights/with_top.h5"
     * @return where it is
     */
    public static Path path(String name) {
        URL url = GoldenFiles.class.getResource("/golden/" + name);
        if (url == null) {
            throw new IllegalArgumentException("no golden file " + name);
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * An array as it was written.
     *
     * @param name the path of a .npy file
     * @return the array
     */
    public static INDArray array(String name) {
        return Nd4j.createFromNpyFile(path(name).toFile());
    }

    /**
     * Features in the order of dimensions of this library.
     *
     * @param name the path of a .npy file whose array is [N, h, w, C], as Keras has it
     * @return [N, C, h, w]
     */
    public static INDArray channelsFirst(String name) {
        return array(name).permute(0, 3, 1, 2).dup('c');
    }

    /**
     * A JSON file.
     *
     * @param name its path
     * @return its content
     */
    public static JsonNode json(String name) {
        try {
            return new ObjectMapper().readTree(path(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
