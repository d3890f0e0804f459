package org.transfer4j.internal.weights;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.testing.HashWeights;

/** The network of the golden files: VGG16 with a thirty-second of its filters. */
final class NarrowVgg {
    private static final int[] CONVOLUTIONS = {2, 2, 3, 3, 3};
    private static final int[] FILTERS = {2, 4, 8, 16, 16};

    private NarrowVgg() {}

    static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(NarrowVgg.class.getResource("/golden/weights/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the network's layers want in DL4J. */
    static Map<String, Map<String, long[]>> shapes() {
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        long channels = 3;
        for (int block = 0; block < CONVOLUTIONS.length; block++) {
            for (int i = 1; i <= CONVOLUTIONS[block]; i++) {
                long filters = FILTERS[block];
                shapes.put(
                        "block" + (block + 1) + "_conv" + i,
                        Map.of("W", new long[] {filters, channels, 3, 3}, "b", new long[] {1, filters}));
                channels = filters;
            }
        }
        return shapes;
    }

    /** The values that the hash gives, brought to DL4J's layout by ND4J itself. */
    static INDArray expected(String layer, String parameter, long[] dl4j) {
        if (parameter.equals("b")) {
            return Nd4j.create(HashWeights.values(layer + "/bias", dl4j[1]), dl4j, 'c');
        }
        long[] keras = {dl4j[2], dl4j[3], dl4j[1], dl4j[0]};
        return Nd4j.create(HashWeights.values(layer + "/kernel", keras), keras, 'c')
                .permute(3, 2, 0, 1);
    }
}
