package org.transfer4j.internal.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.cache.CachedFeaturePass;
import org.transfer4j.internal.cache.FeatureRecipe;
import org.transfer4j.internal.feature.AugmentedImages;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeaturePass;
import org.transfer4j.internal.feature.FeatureVolume;
import org.transfer4j.internal.feature.FreshFeatures;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.MixedExamples;
import org.transfer4j.internal.feature.SeededAugmentation;
import org.transfer4j.internal.feature.StreamedImages;
import org.transfer4j.internal.feature.VariantExamples;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.trunk.IdentityTrunk;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/** Makes what the tail learns from: features from the cache, or computed for this once, or the images themselves. */
final class ExampleSupply {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleSupply.class);

    /** Images that pass the trunk together: enough to fill the cores, few enough for 224x224 in little memory. */
    static final int FEATURE_BATCH = 32;

    private static final String CACHE_ADVICE = "freeze more layers, pool globally, or have the cache in another folder";

    private final Settings.Network network;
    private final Settings.Data settings;
    private final Settings.Keeping keeping;
    private final FitListener listener;
    private final @Nullable Trunk trunk;
    private final @Nullable CachedFeaturePass cachedPass;
    private @Nullable PreprocessingCheck check;

    ExampleSupply(
            Settings.Network network,
            Settings.Data data,
            Settings.Keeping keeping,
            FittedNetwork fitted,
            FitListener listener) {
        this(
                network,
                data,
                keeping,
                fitted.trunk().orElse(null),
                fitted.frozen().orElse(null),
                listener);
    }

    /** The frozen graph is what the trunk was compiled from; both are null where nothing is frozen. */
    ExampleSupply(
            Settings.Network network,
            Settings.Data data,
            Settings.Keeping keeping,
            @Nullable Trunk compiled,
            @Nullable ComputationGraph frozen,
            FitListener listener) {
        this.network = network;
        this.settings = data;
        this.keeping = keeping;
        this.listener = listener;
        this.trunk = compiled == null ? null : compiled.forPasses(FEATURE_BATCH);
        this.cachedPass = trunk == null || frozen == null ? null : cachedPass(frozen, trunk);
    }

    /** Has images looked at that can be read but once. */
    ExampleSupply checking(PreprocessingCheck preprocessing) {
        check = preprocessing;
        return this;
    }

    private @Nullable CachedFeaturePass cachedPass(ComputationGraph frozen, Trunk batched) {
        return keeping.featureCache()
                .map(cache -> new CachedFeaturePass(
                        new CacheFolder(cache.folder()),
                        cache.maximumBytes(),
                        new FeatureRecipe(
                                network.backbone().name(),
                                frozen,
                                batched,
                                settings.preprocessing(),
                                network.height(),
                                network.width(),
                                LibraryVersion.current()),
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
    void requireCacheSpace(ImageSource training, @Nullable ImageSource validation) {
        CachedFeaturePass pass = cachedPass;
        if (pass == null) {
            return;
        }
        Path folder = keeping.featureCache().orElseThrow().folder();
        Optional<ImageDataset> held = Optional.ofNullable(validation).flatMap(ImageSource::behind);
        FeatureVolume all = new FeatureVolume(
                training.behind().map(data -> rows(settings, data.size())).orElse(0L),
                held.map(ImageDataset::size).orElse(0),
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
                        training.behind().map(data -> missing(pass, data)).orElse(0L),
                        held.map(pass::missing).orElse(0L),
                        pass.rowBytes())
                .requireRoom(folder, "the features that are not there yet", "feature cache", CACHE_ADVICE);
    }

    private long missing(CachedFeaturePass pass, ImageDataset training) {
        if (!settings.augments()) {
            return pass.missing(training);
        }
        int variants = settings.cachedVariants();
        return variants == 0
                ? 0
                : pass.missing(training, new SeededAugmentation(settings.augmentation(), settings.seed()), variants);
    }

    static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Examples of all images of a source, augmented as the settings say. */
    Examples augmentedExamples(ImageSource source) {
        if (!settings.augments()) {
            return examples(source);
        }
        SeededAugmentation augmentation = new SeededAugmentation(settings.augmentation(), settings.seed());
        if (!augmentation.mixes()) {
            return augmented(source, augmentation);
        }
        int rounds = trunk == null || settings.cachedVariants() == 0 ? Integer.MAX_VALUE : settings.cachedVariants();
        return source.ofDataset(data -> new MixedExamples(
                        augmented(source, augmentation),
                        data,
                        augmentation,
                        network.height(),
                        network.width(),
                        rounds,
                        1))
                .orElseThrow();
    }

    private Examples augmented(ImageSource source, SeededAugmentation augmentation) {
        if (trunk == null || settings.cachedVariants() == 0) {
            Optional<Examples> fresh = source.ofDataset(data -> fresh(data, augmentation));
            if (fresh.isPresent()) {
                return fresh.get();
            }
        }
        int variants = settings.cachedVariants();
        Optional<Examples> cached = cachedPass == null
                ? Optional.empty()
                : source.ofDataset(data -> cachedPass.run(data, augmentation, variants));
        return new VariantExamples(cached.orElseGet(() -> computedVariants(source, augmentation, variants)), variants);
    }

    private Examples fresh(ImageDataset data, SeededAugmentation augmentation) {
        Examples images =
                new AugmentedImages(data, network.height(), network.width(), settings.preprocessing(), augmentation, 1);
        if (trunk == null) {
            return images;
        }
        trunk.prepare(FEATURE_BATCH);
        return new FreshFeatures(images, trunk, FEATURE_BATCH);
    }

    private Examples computedVariants(ImageSource source, SeededAugmentation augmentation, int variants) {
        BatchStream images = source.openVariants(
                network.height(), network.width(), settings.preprocessing(), FEATURE_BATCH, augmentation, variants);
        return computed(source, images, source.size() < 0 ? -1 : source.size() * variants);
    }

    /** Examples of all images of a source, as they are. */
    Examples examples(ImageSource source) {
        Optional<Examples> reread = Optional.empty();
        if (trunk == null) {
            reread = source.ofDataset(
                    data -> new StreamedImages(data, network.height(), network.width(), settings.preprocessing()));
        } else if (cachedPass != null) {
            reread = source.ofDataset(cachedPass::run);
            if (reread.isEmpty()) {
                LOG.info("the feature cache is not used for a DataSetIterator, which can be read but once");
            }
        }
        return reread.orElseGet(() -> computed(source));
    }

    private Examples computed(ImageSource source) {
        return computed(
                source,
                source.open(network.height(), network.width(), settings.preprocessing(), FEATURE_BATCH),
                source.size());
    }

    private Examples computed(ImageSource source, BatchStream stream, long expected) {
        BatchStream images = check == null || source.behind().isPresent() ? stream : check.watched(stream);
        Trunk computing = trunk == null ? new IdentityTrunk(network.height(), network.width()) : trunk;
        computing.prepare(FEATURE_BATCH);
        return FeaturePass.run(images, expected, computing, temporaryFolder(), listener);
    }
}
