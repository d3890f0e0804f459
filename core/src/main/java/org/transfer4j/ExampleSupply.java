package org.transfer4j;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.cache.CachedFeaturePass;
import org.transfer4j.internal.cache.FeatureRecipe;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeaturePass;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.StreamedImages;
import org.transfer4j.internal.trunk.IdentityTrunk;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.internal.trunk.WholeBatches;
import org.transfer4j.training.FitListener;

/** Makes what the tail learns from: features from the cache, or computed for this once, or the images themselves. */
final class ExampleSupply {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleSupply.class);

    /** Images that pass the trunk together: enough to fill the cores, few enough for 224x224 in little memory. */
    static final int FEATURE_BATCH = 32;

    private final TransferLearner learner;
    private final FitListener listener;
    private final @Nullable Trunk trunk;
    private final @Nullable CachedFeaturePass cachedPass;

    ExampleSupply(TransferLearner learner, FittedNetwork network, FitListener listener) {
        this(learner, network.trunk().orElse(null), network.frozen().orElse(null), listener);
    }

    /** The frozen graph is what the trunk was compiled from; both are null where nothing is frozen. */
    ExampleSupply(
            TransferLearner learner,
            @Nullable Trunk compiled,
            @Nullable ComputationGraph frozen,
            FitListener listener) {
        this.learner = learner;
        this.listener = listener;
        this.trunk = compiled == null ? null : new WholeBatches(compiled, FEATURE_BATCH);
        this.cachedPass = trunk == null || frozen == null ? null : cachedPass(frozen, trunk);
    }

    private @Nullable CachedFeaturePass cachedPass(ComputationGraph frozen, Trunk batched) {
        return learner.featureCache()
                .map(cache -> new CachedFeaturePass(
                        new CacheFolder(cache.folder()),
                        cache.maximumBytes(),
                        new FeatureRecipe(
                                learner.backbone().name(),
                                frozen,
                                batched,
                                learner.preprocessing(),
                                learner.height(),
                                learner.width(),
                                LibraryVersion.current()),
                        FEATURE_BATCH,
                        listener))
                .orElse(null);
    }

    /**
     * Checks, before the first of several passes, that the temporary folder has room for the features of all of them.
     * What goes to the cache is checked there: how much of it is new is not known before.
     *
     * @throws java.io.UncheckedIOException if it has not
     */
    void requireSpace(List<ImageSource> sources) {
        if (trunk != null && cachedPass == null) {
            long images = sources.stream()
                    .mapToLong(ImageSource::size)
                    .filter(size -> size > 0)
                    .sum();
            FeatureStore.requireSpace(temporaryFolder(), trunk.featureShape(), images);
        }
    }

    private static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Examples of all images of a source. */
    Examples examples(ImageSource source) {
        Optional<Examples> reread = Optional.empty();
        if (trunk == null) {
            reread = source.ofDataset(
                    data -> new StreamedImages(data, learner.height(), learner.width(), learner.preprocessing()));
        } else if (cachedPass != null) {
            reread = source.ofDataset(cachedPass::run);
            if (reread.isEmpty()) {
                LOG.info("the feature cache is not used for a DataSetIterator, which can be read but once");
            }
        }
        return reread.orElseGet(() -> computed(source));
    }

    private Examples computed(ImageSource source) {
        BatchStream images = source.open(learner.height(), learner.width(), learner.preprocessing(), FEATURE_BATCH);
        return FeaturePass.run(
                images,
                source.size(),
                trunk == null ? new IdentityTrunk(learner.height(), learner.width()) : trunk,
                temporaryFolder(),
                listener);
    }
}
