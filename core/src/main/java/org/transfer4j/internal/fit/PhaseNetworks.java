package org.transfer4j.internal.fit;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.DenseChain;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.training.Optimizer;

/**
 * The network of each phase of a fit: the first has the backbone's weights and a random head, or what was learned before, each of the
 * others what that before it has learned.
 */
final class PhaseNetworks {
    private final Settings settings;
    private final TrainingLoss loss;
    private final List<String> classNames;
    private final @Nullable TargetScale targetScale;
    private final List<TrainingListener> dl4jListeners;

    /**
     * Those of one fit.
     *
     * @param targetScale on which numbers are learned; null where there are classes
     */
    PhaseNetworks(Settings settings, TrainingLoss loss, List<String> classNames, @Nullable TargetScale targetScale) {
        this.settings = settings;
        this.loss = loss;
        this.classNames = classNames;
        this.targetScale = targetScale;
        this.dl4jListeners = GuardedListeners.of(settings.keeping().dl4jListeners());
    }

    /** The network before the first phase. */
    FittedNetwork first() {
        TrainingPhases.PlannedPhase phase = TrainingPhases.of(settings).first();
        NetworkPlan plan = phase.plan(classNames.size());
        BackboneParameters parameters = BackboneParameters.of(settings.network(), settings.data());
        WeightedNetwork frozen = plan.trunk().map(parameters::fill).orElse(null);
        Tail tail = tail(plan, phase);
        return FittedNetwork.owning(tail, () -> {
            parameters.fill(plan.tail(), tail.parameters());
            if (targetScale != null && parameters.areLearned(outputLayer(tail))) {
                targetScale.unfold(outputLayer(tail));
            }
            settings.network()
                    .start()
                    .filter(start -> start.isRememberedBy(settings.training().optimizer()))
                    .ifPresent(start -> tail.restore(start.memory().fitting(tail.updaterState())));
            return network(plan, frozen, settings.network().algorithms(), tail);
        });
    }

    /** The same weights and the same memory of the optimizer, cut further down; the network before is closed. */
    FittedNetwork next(FittedNetwork network, TrainingPhases.PlannedPhase phase) {
        NetworkPlan plan = phase.plan(classNames.size());
        WeightedNetwork frozen = plan.trunk()
                .map(part -> new WeightedNetwork(part, ParameterValues.zeros(part)))
                .orElse(null);
        Tail tail = tail(plan, phase);
        return FittedNetwork.owning(tail, () -> {
            if (frozen != null) {
                ParameterValues.copy(network.parameters(), frozen.parameters());
            }
            ParameterValues.copy(network.parameters(), tail.parameters());
            UpdaterState memory = network.tail().updaterState();
            tail.restore(memory);
            memory.values().values().forEach(INDArray::close);
            network.close();
            return network(
                    plan, frozen, settings.network().algorithms().withRecorded(network.recordedAlgorithms()), tail);
        });
    }

    private Tail tail(NetworkPlan plan, TrainingPhases.PlannedPhase phase) {
        return TailCompiler.compile(
                plan.tail(), tailSettings(settings, phase.optimizer(), phase.rateParts(), loss, dl4jListeners));
    }

    /** How the part of a network that is not frozen is trained. */
    static TailSettings tailSettings(
            Settings settings,
            Optimizer optimizer,
            Map<String, Double> rateParts,
            TrainingLoss loss,
            List<TrainingListener> listeners) {
        return new TailSettings(
                optimizer,
                loss,
                settings.data().seed(),
                settings.network().precision(),
                rateParts,
                settings.network().usesBatchStatistics(),
                listeners);
    }

    private FittedNetwork network(
            NetworkPlan plan, @Nullable WeightedNetwork frozen, AlgorithmChoices algorithms, Tail tail) {
        return new FittedNetwork(
                plan,
                settings.data().preprocessing(),
                classNames,
                settings.network().usesBatchStatistics(),
                frozen,
                settings.network().precision(),
                algorithms,
                tail);
    }

    static Map<String, INDArray> outputLayer(Tail tail) {
        return Objects.requireNonNull(tail.parameters().get(NetworkPlan.OUTPUT), NetworkPlan.OUTPUT);
    }

    /**
     * Checks what the phases take of memory: before the first, not when a later one begins, hours after it.
     *
     * @param classes how many there are
     * @param images the most images that a pass goes over, or -1 where only reading them tells
     * @throws IllegalArgumentException if a batch is larger than Java can address
     * @throws org.transfer4j.error.MemoryLimitException if a phase can't be run in the memory that there is
     */
    static void requireMemory(List<TrainingPhases.PlannedPhase> phases, int classes, long images) {
        for (int i = 0; i < phases.size(); i++) {
            String phase = phases.size() == 1 ? "" : "phase " + (i + 1) + ": ";
            requireMemory(phase, phases.get(i), phases.get(i).plan(classes), images);
        }
    }

    private static void requireMemory(
            String phase, TrainingPhases.PlannedPhase planned, NetworkPlan plan, long images) {
        NetworkSize.of(plan.network()).requireMemory(null, plan.height(), plan.width());
        int read = plan.cut().isPresent() ? ExampleSupply.FEATURE_BATCH : planned.batchSize();
        Shape features = Shape.of(plan.featureShape());
        requireAddressable(
                phase,
                rows(read, images),
                "images of " + planned.imageSize(),
                plan.network().inputShape());
        requireAddressable(phase, rows(read, images), "images' features of " + features, features);
        if (!DenseChain.isAllOf(plan.tail())) {
            // dense layers alone read row by row
            requireAddressable(phase, rows(planned.batchSize(), images), "images' features of " + features, features);
        }
        long kept = NetworkSize.product(NetworkSize.keptValues(plan.tail()), rows(planned.batchSize(), images));
        long bytes = planned.network().precision() == Precision.FLOAT32 ? Float.BYTES : Short.BYTES;
        NativeMemory.require(
                null,
                phase + "a step of training on " + rows(planned.batchSize(), images) + " images of "
                        + planned.imageSize(),
                NetworkSize.product(bytes, kept));
    }

    /** One at least, where nobody knows. */
    private static long rows(int batchSize, long images) {
        return images < 0 ? 1 : Math.min(batchSize, images);
    }

    private static void requireAddressable(String phase, long rows, String what, Shape shape) {
        if (NetworkSize.product(rows, shape.elements(), Float.BYTES) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    phase + "a batch must fit in 2 GiB, but " + rows + " " + what + " do not");
        }
    }
}
