package org.transfer4j.internal.weights;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.testing.VggKernels;

/** The network of the golden files: VGG16 with a thirty-second of its filters. */
public final class NarrowVgg {
    private NarrowVgg() {}

    public static Path file(String name) {
        return GoldenFiles.path("weights/" + name);
    }

    /** What the network's layers want. */
    public static Map<String, Map<String, long[]>> shapes() {
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        VggKernels.shapes(VggKernels.NARROW)
                .forEach((layer, kernel) -> shapes.put(
                        layer,
                        Map.of(
                                "W", new long[] {kernel[3], kernel[2], kernel[0], kernel[1]},
                                "b", new long[] {kernel[3]})));
        return shapes;
    }

    /** The values that the hash gives, brought to our layout by ND4J itself. */
    static INDArray expected(String layer, String parameter, long[] shape) {
        if (parameter.equals("b")) {
            return Nd4j.create(HashWeights.values(layer + "/bias", shape[0]), shape, 'c');
        }
        long[] keras = {shape[2], shape[3], shape[1], shape[0]};
        return Nd4j.create(HashWeights.values(layer + "/kernel", keras), keras, 'c')
                .permute(3, 2, 0, 1);
    }
}
