package org.transfer4j.testing;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.weights.WeightsFormat;

/** Dense layers above a backbone, of networks whose heads were trained elsewhere. */
public final class DenseWeights {
    private DenseWeights() {}

    /**
     * Reads one.
     *
     * @param flattened what a Flatten before it flattens, which decides the order of its rows;
     *     a vector where there is no Flatten
     * @param units how many values it gives
     * @return "W" [in, units] and "b" [1, units]
     */
    public static Map<String, INDArray> dense(Path path, String layer, Shape flattened, int units) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("W", new long[] {flattened.elements(), units});
        shapes.put("b", new long[] {1, units});
        LayerShapes wanted = LayerShapes.of(layer, LayerShapes.Kind.DENSE, flattened, shapes);
        try (WeightsFile file = WeightsFormat.open(path)) {
            StoredLayer found = file.layers().stream()
                    .filter(stored -> stored.name().equals(layer))
                    .findFirst()
                    .orElseThrow();
            return wanted.read(found, file.layout());
        }
    }
}
