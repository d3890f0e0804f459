package org.transfer4j.internal.feature;

import java.nio.file.Path;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/** Runs all images through the trunk once and keeps what comes out. */
public final class FeaturePass {
    private FeaturePass() {}

    /**
     * Computes the features of a source.
     *
     * @param images read to the end and closed
     * @param expected how many images there are, or -1
     * @param trunk the frozen part
     * @param folder where the features are kept until the store is closed
     */
    public static FeatureStore run(BatchStream images, long expected, Trunk trunk, Path folder, FitListener listener) {
        try (BatchStream features = new FeatureStream(images, trunk)) {
            return run(features, expected, FeatureStore.create(folder, trunk.featureShape(), expected), listener);
        }
    }

    private static FeatureStore run(BatchStream features, long expected, FeatureStore store, FitListener listener) {
        try {
            listener.featuresStarted(expected);
            while (features.hasNext()) {
                Interruption.check("a feature pass");
                Batch batch = features.next();
                store.append(batch);
                listener.featuresAdvanced(store.size());
            }
            listener.featuresFinished(store.size());
            return store;
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }
}
