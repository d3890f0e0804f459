package org.transfer4j.internal.fit;

import java.util.Map;
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
import org.transfer4j.internal.fitted.EmbeddingDigest;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/** The frozen layers' output for a whole dataset, in one array. */
public final class FeatureExtraction {
    private final Settings settings;
    private final Settings.NetworkSettings network;

    /** An extraction. */
    public FeatureExtraction(Settings settings) {
        this.settings = settings;
        this.network = settings.network();
    }

    /** The features of all images, [N, C, H, W]. */
    public INDArray run(ImageDataset data) {
        return run(data, () -> network.sized().frozenPart(network.freeze()));
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

    /** What tells {@link #embeddings} from those of other networks. */
    public String embeddingDigest() {
        NativeThreads.applyToNd4j();
        return NativeMemory.guarded(() -> {
            NetworkPlan plan = network.withFreeze(Freeze.ALL).plan(2);
            Network body = plan.network().below(plan.backboneOutput());
            NetworkSize.of(body).requireMemory(null, network.height(), network.width());
            Map<String, Map<String, INDArray>> parameters =
                    BackboneParameters.of(network, settings.data()).fill(body).parameters();
            return EmbeddingDigest.of(plan, settings.data().preprocessing(), parameters);
        });
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
            return computed(data, new Trunk.Identity(height, width));
        }
        NetworkSize.of(frozen.get()).requireMemory(null, height, width);
        settings.keeping().featureCache().ifPresent(cache -> new CacheFolder(cache.folder()).requireWritable());
        WeightedNetwork weighted =
                BackboneParameters.of(network, settings.data()).fill(frozen.get());
        new PreprocessingCheck(settings, weighted.parameters()).warn(data);
        try (Trunk trunk = TrunkCompiler.compile(weighted, network.precision(), network.algorithms())) {
            return settings.keeping().featureCache().isPresent()
                    ? cached(data, trunk, weighted)
                    : computed(data, trunk.forPasses(ExampleSupply.FEATURE_BATCH));
        }
    }

    private INDArray cached(ImageDataset data, Trunk trunk, WeightedNetwork frozen) {
        ExampleSupply supply = new ExampleSupply(settings, trunk, frozen, new FitListener() {});
        INDArray all = room(data, trunk);
        int[] order = IntStream.range(0, data.size()).toArray();
        try (Examples examples = supply.examples(new DatasetSource(data));
                BatchStream batches = examples.batches(order, ExampleSupply.FEATURE_BATCH)) {
            collect(batches, all);
        }
        return all;
    }

    private INDArray computed(ImageDataset data, Trunk trunk) {
        INDArray all = room(data, trunk);
        trunk.prepare(ExampleSupply.FEATURE_BATCH);
        BatchStream images = new DatasetSource(data).open(settings.input(), ExampleSupply.FEATURE_BATCH);
        try (BatchStream features = new FeatureStream(images, trunk)) {
            collect(features, all);
        }
        return all;
    }

    private static INDArray room(ImageDataset data, Trunk trunk) {
        return Nd4j.createUninitialized(
                DataType.FLOAT, Shape.of(trunk.featureShape()).withBatch(data.size()), 'c');
    }

    /** Puts one batch after the other into one array. */
    private static void collect(BatchStream batches, INDArray all) {
        long done = 0;
        while (batches.hasNext()) {
            INDArray features = batches.next().features();
            Interruption.check("the computation of features");
            all.get(NDArrayIndex.interval(done, done + features.size(0))).assign(features);
            done += features.size(0);
        }
    }
}
