package org.transfer4j.internal.fit;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.IdentityTrunk;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/** The frozen layers' output for a whole dataset, in one array. */
public final class FeatureExtraction {
    private final Settings.Network network;
    private final Settings.Data treatment;
    private final Settings.Keeping keeping;

    /** An extraction. */
    public FeatureExtraction(Settings settings) {
        this.network = settings.network();
        this.treatment = settings.data();
        this.keeping = settings.keeping();
    }

    /** The features of all images, [N, C, H, W]. */
    public INDArray run(ImageDataset data) {
        return run(
                data,
                () -> NetworkPlan.frozenPart(network.backbone(), network.height(), network.width(), network.freeze()));
    }

    /** What a probe learns from, [N, features]: the whole backbone's last images, flattened or averaged as the head has it. */
    public INDArray embeddings(ImageDataset data) {
        return run(data, () -> Extractor.readByHead(network.withFreeze(Freeze.ALL)));
    }

    /** How many features {@link #embeddings} gives of an image. */
    public long embeddingWidth() {
        return Extractor.readByHead(network.withFreeze(Freeze.ALL))
                .map(frozen -> frozen.shape(frozen.output()).elements())
                .orElse(3L * network.height() * network.width());
    }

    private INDArray run(ImageDataset data, Supplier<Optional<Network>> frozen) {
        return Interruption.cancellable(
                "the computation of features", () -> NativeMemory.guarded(() -> extract(data, frozen.get())));
    }

    private INDArray extract(ImageDataset data, Optional<Network> frozen) {
        NativeThreads.applyToNd4j();
        if (data.size() == 0) {
            throw new DatasetException(null, "features need 1 image or more, got an empty dataset");
        }
        int height = network.height();
        int width = network.width();
        if (frozen.isEmpty()) {
            return computed(data, new IdentityTrunk(height, width));
        }
        NetworkSize.of(frozen.get()).requireMemory(null, height, width);
        keeping.featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        BackboneParameters parameters = BackboneParameters.of(network, treatment);
        WeightedNetwork weighted = parameters.fill(frozen.get());
        new PreprocessingCheck(network, treatment, weighted.parameters()).warn(data);
        try (Trunk trunk = TrunkCompiler.compile(weighted, network.precision(), network.algorithms())) {
            return keeping.featureCache().isPresent()
                    ? cached(data, trunk, weighted)
                    : computed(data, trunk.forPasses(ExampleSupply.FEATURE_BATCH));
        }
    }

    private INDArray cached(ImageDataset data, Trunk trunk, WeightedNetwork frozen) {
        ExampleSupply supply = new ExampleSupply(network, treatment, keeping, trunk, frozen, new FitListener() {});
        Collected collected = new Collected(data.size(), trunk.featureShape());
        int[] all = IntStream.range(0, data.size()).toArray();
        try (Examples examples = supply.examples(new DatasetSource(data));
                BatchStream batches = examples.batches(all, ExampleSupply.FEATURE_BATCH)) {
            while (batches.hasNext()) {
                collected.add(batches.next().features());
            }
        }
        return collected.all;
    }

    private INDArray computed(ImageDataset data, Trunk trunk) {
        Collected collected = new Collected(data.size(), trunk.featureShape());
        trunk.prepare(ExampleSupply.FEATURE_BATCH);
        BatchStream images = new DatasetSource(data)
                .open(
                        new NetworkInput(network.height(), network.width(), treatment.preprocessing()),
                        ExampleSupply.FEATURE_BATCH);
        try (BatchStream features = new FeatureStream(images, trunk)) {
            while (features.hasNext()) {
                collected.add(features.next().features());
            }
        }
        return collected.all;
    }

    /** One batch after the other in one array. */
    private static final class Collected {
        private final INDArray all;
        private long done;

        Collected(int images, long[] featureShape) {
            long[] shape = new long[featureShape.length + 1];
            shape[0] = images;
            System.arraycopy(featureShape, 0, shape, 1, featureShape.length);
            all = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        }

        void add(INDArray features) {
            Interruption.check("the computation of features");
            all.get(NDArrayIndex.interval(done, done + features.size(0))).assign(features);
            done += features.size(0);
        }
    }
}
