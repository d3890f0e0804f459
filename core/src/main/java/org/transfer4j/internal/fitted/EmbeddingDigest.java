package org.transfer4j.internal.fitted;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.cache.ContentHash;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * What tells the vectors of one network from those of another: SHA-256 of weights, image size, preprocessing, and of whether a map is
 * averaged. Unlike the name of cached features it is the same on each machine, and in each version of the library, whose last bits
 * differ: vectors are compared by the cosine.
 */
public final class EmbeddingDigest {
    private static final String FORMAT = "transfer4j embedding 1";

    private EmbeddingDigest() {}

    /**
     * Reads all weights below the head.
     *
     * @param parameters as {@link ParameterValues} has them; those of the head play no part
     * @return 64 lower-case hexadecimal digits
     */
    public static String of(
            NetworkPlan plan, ImagePreprocessing preprocessing, Map<String, Map<String, INDArray>> parameters) {
        ContentHash hash = new ContentHash();
        hash.add(FORMAT);
        hash.add(plan.height() + "x" + plan.width());
        hash.add(preprocessing.toJson());
        hash.add(plan.head().layers().get(0) instanceof HeadLayer.GlobalAveragePooling ? "averaged" : "flat");
        Set<String> body = ParameterValues.owners(plan.network().below(plan.backboneOutput()))
                .keySet();
        new TreeMap<>(parameters).forEach((layer, values) -> {
            if (body.contains(layer)) {
                new TreeMap<>(values).forEach((name, value) -> {
                    hash.add(layer);
                    hash.add(name);
                    hash.add(value);
                });
            }
        });
        return hash.text();
    }
}
