package org.transfer4j.internal.pixel;

import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Values that other libraries made, as src/test/python has them written. */
public final class GoldenFiles {
    private GoldenFiles() {}

    public static INDArray array(String name) {
        return Nd4j.createFromNpyFile(file(name));
    }

    public static File file(String name) {
        URL url = GoldenFiles.class.getResource("/golden/" + name);
        if (url == null) {
            throw new IllegalArgumentException("no golden file " + name);
        }
        try {
            return new File(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
