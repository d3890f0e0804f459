package org.transfer4j.internal.fit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.cache.CachedFeaturePass;
import org.transfer4j.internal.cache.FeatureSpace;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.FeatureStore.FeatureVolume;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.feature.IteratorSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.feature.SeededAugmentation;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.LibraryVersion;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/** Makes what the tail learns from: features from the cache, or computed for this once, or the images themselves. */
final class ExampleSupply {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleSupply.class);

    static final int FEATURE_BATCH = PlacedImages.MOST;

    private static final String CACHE_ADVICE = "freeze more layers, pool globally, or have the cache in another folder";

    private final Settings.NetworkSettings network;
    private final NetworkInput input;
    private final Settings.Data settings;
    private final Settings.Keeping keeping;
    private final FitListener listener;
    private final @Nullable Trunk trunk;
    private final @Nullable CachedFeaturePass cachedPass;
    private @Nullable PreprocessingCheck check;

    /**
     * A supply.
     *
     * @param phase the settings, with the network of the phase that learns
     */
    ExampleSupply(Settings phase, FittedNetwork fitted, FitListener listener) {
        this(phase, fitted.trunk().orElse(null), fitted.frozen().orElse(null), listener);
    }

    /** The frozen network is what the trunk was compiled from; both are null where nothing is frozen. */
    ExampleSupply(Settings phase, @Nullable Trunk compiled, @Nullable WeightedNetwork frozen, FitListener listener) {
        this.network = phase.network();
        this.input = phase.input();
        this.settings = phase.data();
        this.keeping = phase.keeping();
        this.listener = listener;
        this.trunk = compiled == null ? null : compiled.forPasses(FEATURE_BATCH);
        this.cachedPass = trunk == null || frozen == null ? null : cachedPass(frozen, trunk);
    }

    /** Has images looked at that can be read but once. */
    ExampleSupply checking(PreprocessingCheck preprocessing) {
        check = preprocessing;
        return this;
    }

    private @Nullable CachedFeaturePass cachedPass(WeightedNetwork frozen, Trunk batched) {
        return keeping.featureCache()
                .map(cache -> new CachedFeaturePass(
                        new CacheFolder(cache.folder()),
                        cache.maximumBytes(),
                        new FeatureSpace.Recipe(
                                network.backbone().name(), frozen, batched, input, LibraryVersion.current()),
                        FEATURE_BATCH,
                        listener))
                .orElse(null);
    }

    /**
     * What the features of some images take in the temporary folder.
     *
     * @param training the number of training images, or -1 where only reading them tells
     * @param validation the same of the validation images
     */
    static FeatureVolume volume(Settings.Data settings, NetworkPlan plan, long training, long validation) {
        return plan.cut().isEmpty()
                ? FeatureVolume.NONE
                : FeatureVolume.of(rows(settings, training), validation, plan.featureShape());
    }

    private static long rows(Settings.Data settings, long images) {
        return Math.max(0, images) * (settings.augments() ? settings.cachedVariants() : 1);
    }

    /**
     * Checks, before the first of two passes, that the disk of the feature cache, if there is one, has room for both.
     *
     * @throws UncheckedIOException if it has not
     */
    void requireCacheSpace(LabelledSource training, @Nullable LabelledSource validation) {
        CachedFeaturePass pass = cachedPass;
        if (pass == null) {
            return;
        }
        Path folder = keeping.featureCache().orElseThrow().folder();
        Optional<DatasetSource> images = dataset(training);
        Optional<DatasetSource> held = validation == null ? Optional.empty() : dataset(validation);
        FeatureVolume all = new FeatureVolume(
                images.map(data -> rows(settings, data.size())).orElse(0L),
                held.map(DatasetSource::size).orElse(0L),
                pass.rowBytes());
        try {
            if (all.fits(folder)) {
                return;
            }
        } catch (IOException e) {
            throw FileFailure.of("can't see what room is left in the feature cache " + folder, e);
        }
        // reading all images a second time is worth it only now
        new FeatureVolume(
                        images.map(data -> missing(pass, data)).orElse(0L),
                        held.map(data -> pass.missing(data, Variants.NONE)).orElse(0L),
                        pass.rowBytes())
                .requireRoom(folder, "the features that are not there yet", "feature cache", CACHE_ADVICE);
    }

    private long missing(CachedFeaturePass pass, DatasetSource training) {
        if (!settings.augments()) {
            return pass.missing(training, Variants.NONE);
        }
        return settings.cachedVariants() == 0 ? 0 : pass.missing(training, variants());
    }

    private Variants variants() {
        return new Variants(
                new SeededAugmentation(settings.augmentation(), settings.seed()), settings.cachedVariants());
    }

    private static Optional<DatasetSource> dataset(LabelledSource source) {
        return source instanceof DatasetSource images ? Optional.of(images) : Optional.empty();
    }

    static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Examples of all images of a source, augmented as the settings say. */
    Examples augmentedExamples(LabelledSource source) {
        return settings.augments() ? source.accept(new Augmented()) : examples(source);
    }

    /** Examples of all images of a source, as they are. */
    Examples examples(LabelledSource source) {
        return source.accept(new AsTheyAre());
    }

    private final class AsTheyAre implements LabelledSource.Visitor<Examples> {
        @Override
        public Examples images(DatasetSource images) {
            return trunk == null ? images.examples(input) : kept(images, Variants.NONE);
        }

        @Override
        public Examples passing(IteratorSource images) {
            if (cachedPass != null) {
                LOG.info("the feature cache is not used for a DataSetIterator, which can be read but once");
            }
            return computed(images, Variants.NONE);
        }

        @Override
        public Examples features(ComputedFeatures features) {
            return features.examples();
        }
    }

    private final class Augmented implements LabelledSource.Visitor<Examples> {
        private final SeededAugmentation augmentation =
                new SeededAugmentation(settings.augmentation(), settings.seed());
        private final boolean afresh = trunk == null || settings.cachedVariants() == 0;

        @Override
        public Examples images(DatasetSource images) {
            Examples augmented = afresh ? fresh(images) : variants().inTurn(kept(images, variants()));
            int rounds = afresh ? Integer.MAX_VALUE : settings.cachedVariants();
            return augmentation.mixes() ? augmentation.mixed(augmented, images, input, rounds) : augmented;
        }

        private Examples fresh(DatasetSource images) {
            Examples decoded = images.examples(input, augmentation);
            if (trunk == null) {
                return decoded;
            }
            trunk.prepare(FEATURE_BATCH);
            return FeatureStream.anew(decoded, trunk, FEATURE_BATCH);
        }

        @Override
        public Examples passing(IteratorSource images) {
            if (augmentation.mixes()) {
                throw new IllegalStateException("images of a DataSetIterator are not mixed");
            }
            return variants().inTurn(computed(images, variants()));
        }

        @Override
        public Examples features(ComputedFeatures features) {
            throw new IllegalStateException("features that were computed elsewhere are learned from as they are");
        }
    }

    /** Features that are in the cache, or go there, where there is one. */
    private Examples kept(DatasetSource images, Variants variants) {
        return cachedPass == null ? computed(images, variants) : cachedPass.run(images, variants);
    }

    private Examples computed(LabelledSource source, Variants variants) {
        BatchStream stream = source.open(input, FEATURE_BATCH, variants);
        BatchStream images = check == null || source instanceof DatasetSource ? stream : check.watched(stream);
        Trunk computing = trunk == null ? new Trunk.Identity(network.height(), network.width()) : trunk;
        computing.prepare(FEATURE_BATCH);
        long expected = source.size() < 0 ? -1 : source.size() * variants.count();
        return FeatureStore.computed(images, expected, computing, temporaryFolder(), listener);
    }
}
