package org.transfer4j.internal.fitted;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.calibration.Temperature;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.fitted.Explaining.AttentionRollout;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * All that a prediction needs: plan, weights, preprocessing and class names. The frozen network stays beside the compiled
 * trunk, which may have its weights in a layout of its own, to be saved and exported.
 */
public final class FittedNetwork implements AutoCloseable {
    private final NetworkPlan plan;
    private final ImagePreprocessing preprocessing;
    private final List<String> classNames;
    private final boolean batchStatistics;
    private final Precision precision;
    private final @Nullable WeightedNetwork frozen;
    private final @Nullable Trunk trunk;
    private final Tail tail;
    private final AtomicInteger owners = new AtomicInteger(1);
    private final Lock mapTurn = new ReentrantLock();
    private @Nullable FeatureMap map;
    private OnnxEngine.@Nullable Attention attention;

    /** Compiles the frozen part; it is closed with this, as the tail is. */
    public FittedNetwork(
            NetworkPlan plan,
            ImagePreprocessing preprocessing,
            List<String> classNames,
            boolean batchStatistics,
            @Nullable WeightedNetwork frozen,
            Precision precision,
            AlgorithmChoices algorithms,
            Tail tail) {
        this.plan = plan;
        this.preprocessing = preprocessing;
        this.classNames = List.copyOf(classNames);
        this.batchStatistics = batchStatistics;
        this.frozen = frozen;
        this.precision = precision;
        this.trunk = frozen == null ? null : TrunkCompiler.compile(frozen, precision, algorithms);
        this.tail = tail;
    }

    /** What another is below its tail. */
    private FittedNetwork(FittedNetwork other, NetworkPlan plan, Tail tail) {
        this.plan = plan;
        this.preprocessing = other.preprocessing;
        this.classNames = other.classNames;
        this.batchStatistics = other.batchStatistics;
        this.frozen = other.frozen;
        this.precision = other.precision;
        this.trunk = other.trunk;
        this.tail = tail;
    }

    /** What is made of a tail, which it closes; where nothing comes of it, nobody else would. */
    public static FittedNetwork owning(Tail tail, Supplier<FittedNetwork> making) {
        try {
            return making.get();
        } catch (RuntimeException | Error e) {
            tail.close();
            throw e;
        }
    }

    /** What a network is with another tail. It takes over this one, whose tail is closed here. */
    public FittedNetwork withTail(NetworkPlan other, Tail otherTail) {
        tail.close();
        return new FittedNetwork(this, other, otherTail);
    }

    /** The same network for one owner more, who closes it too: its memory is freed when all have. */
    FittedNetwork shared() {
        owners.incrementAndGet();
        return this;
    }

    /** What it is, and where it is cut. */
    public NetworkPlan plan() {
        return plan;
    }

    /** What is done to pixels. */
    public ImagePreprocessing preprocessing() {
        return preprocessing;
    }

    /** In the order of the outputs. */
    public List<String> classNames() {
        return classNames;
    }

    /** Whether batch normalization that is trained uses the batches' statistics. */
    boolean batchStatistics() {
        return batchStatistics;
    }

    /** What was asked for; the trunk knows what it computes in. */
    Precision precision() {
        return precision;
    }

    /** What was measured of the trunk's convolutions; empty where the library's table was followed. */
    public Map<String, Algorithm> recordedAlgorithms() {
        return trunk == null ? Map.of() : trunk.recordedAlgorithms();
    }

    /** What computes the frozen layers. */
    public Optional<Trunk> trunk() {
        return Optional.ofNullable(trunk);
    }

    /** What the trunk was compiled from. */
    public Optional<WeightedNetwork> frozen() {
        return Optional.ofNullable(frozen);
    }

    public Tail tail() {
        return tail;
    }

    /**
     * Works with a feature map; safe from several threads, which wait for each other. The layers below the map are compiled
     * once more for it, and kept until another map is asked for or this is closed.
     *
     * @param layer as {@link FeatureMap#layer} knows it
     */
    <T> T withFeatureMap(String layer, Function<FeatureMap, T> work) {
        mapTurn.lock();
        try {
            if (map == null || !map.name().equals(layer)) {
                closeMap();
                map = new FeatureMap(this, layer);
            }
            return work.apply(map);
        } finally {
            mapTurn.unlock();
        }
    }

    /**
     * Works with the attention of a transformer; safe from several threads. What gives it is opened once, and kept until this is
     * closed.
     *
     * @throws UnsupportedOperationException if there is none
     */
    <T> T withAttention(Function<OnnxEngine.Attention, T> work) {
        mapTurn.lock();
        try {
            if (attention == null) {
                attention = AttentionRollout.open(plan.name(), plan.network(), parameters());
            }
            return work.apply(attention);
        } finally {
            mapTurn.unlock();
        }
    }

    private void closeMap() {
        if (map != null) {
            map.close();
            map = null;
        }
    }

    /**
     * Computes one batch; safe from several threads.
     *
     * @param images preprocessed, [n, 3, height, width]
     * @param result is given what the tail has read, and the probabilities, [n, classes]; both are closed after it
     */
    <T> T infer(INDArray images, BiFunction<Batch, INDArray, T> result) {
        return infer(trunk, images, result);
    }

    /** The same for images of a longer pass, {@link PlacedImages#MOST} at most. */
    <T> T inferPassing(INDArray images, BiFunction<Batch, INDArray, T> result) {
        return infer(trunk == null ? null : trunk.forPasses(PlacedImages.MOST), images, result);
    }

    private <T> T infer(@Nullable Trunk below, INDArray images, BiFunction<Batch, INDArray, T> result) {
        if (below == null) {
            return infer(Batch.unlabelled(images), result);
        }
        try (INDArray features = below.infer(images)) {
            return infer(Batch.unlabelled(features), result);
        }
    }

    private <T> T infer(Batch features, BiFunction<Batch, INDArray, T> result) {
        try (INDArray probabilities = tail.probabilities(features)) {
            return result.apply(features, probabilities);
        }
    }

    /**
     * What the tail reads of images, batch by batch.
     *
     * @param images closed with what is returned
     * @param size how many images there are: few are computed for a short wait, many for short work
     */
    BatchStream features(BatchStream images, int size) {
        if (trunk == null) {
            return images;
        }
        int batch = PlacedImages.MOST;
        return new FeatureStream(images, size <= batch ? trunk : trunk.forPasses(batch));
    }

    /** The parameters of the whole network, not copied. */
    public Map<String, Map<String, INDArray>> parameters() {
        Map<String, Map<String, INDArray>> all = new LinkedHashMap<>();
        if (frozen != null) {
            all.putAll(frozen.parameters());
        }
        all.putAll(tail.parameters());
        return all;
    }

    /**
     * The whole network for DL4J, a copy.
     *
     * @param updater by which its layers are told to be trained
     * @param temperature by which the weights of the output layer are divided
     * @throws UnsupportedOperationException if it has a layer that DL4J can't compute, which the message names
     */
    ComputationGraph toComputationGraph(IUpdater updater, Temperature temperature) {
        try {
            ComputationGraph whole = Graphs.instantiate(Dl4jWriter.write(plan.network(), updater));
            Dl4jParameters.copy(new WeightedNetwork(plan.network(), parameters()), whole);
            if (temperature.value() != 1) {
                Graphs.parameters(whole)
                        .getOrDefault(NetworkPlan.OUTPUT, Map.of())
                        .values()
                        .forEach(values -> values.divi(temperature.value()));
            }
            return whole;
        } catch (UnsupportedGraphException e) {
            throw new UnsupportedOperationException(
                    e.getMessage() + "; ImageClassifier.exportOnnx writes the network for other programs", e);
        }
    }

    @Override
    public void close() {
        if (owners.decrementAndGet() == 0) {
            closeMap();
            if (attention != null) {
                attention.close();
            }
            if (trunk != null) {
                trunk.close();
            }
            tail.close();
        }
    }
}
