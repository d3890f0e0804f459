package org.transfer4j.testing;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.weights.WeightsLoader;

/** Dense layers above a backbone, of networks whose heads were trained elsewhere. */
public final class DenseWeights {
    private DenseWeights() {}

    /**
     * Reads one.
     *
     * @param flattened what a Flatten before it flattens, which decides the order of its rows;
     *     a vector where there is no Flatten
     * @param units how many values it gives
     * @return "W" [units, in] and "b" [units]
     */
    public static Map<String, INDArray> dense(Path path, String layer, Shape flattened, int units) {
        Op.Dense op = new Op.Dense(Math.toIntExact(flattened.elements()), units, true);
        LayerShapes wanted = new LayerShapes(
                layer,
                flattened,
                Stream.of(Op.WEIGHTS, Op.BIAS)
                        .map(name -> new LayerShapes.Parameter(layer, name, op, op.parameter(name)))
                        .toList());
        try (WeightsFile file = WeightsLoader.open(path)) {
            StoredLayer found = file.layers().stream()
                    .filter(stored -> stored.name().equals(layer))
                    .findFirst()
                    .orElseThrow();
            return wanted.read(found, file.layout()).get(layer);
        }
    }
}
