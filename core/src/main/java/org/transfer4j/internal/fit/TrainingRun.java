package org.transfer4j.internal.fit;

import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.ComputedFeatures;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureScale;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.IteratorSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.PastTraining;
import org.transfer4j.internal.fitted.SavedModel;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.LearnedStart;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.DenseChain;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/** The phases of one fit, one after the other: for each a cut, a feature pass and its epochs. */
final class TrainingRun {
    private final Settings settings;
    private final FitListener listener;
    private final TrainingLoss loss;
    private final List<String> classNames;
    private final List<TrainingPhases.Step> steps;
    private final int phasesBefore;
    private final List<TrainingListener> dl4jListeners;
    private final @Nullable TargetScale targetScale;
    private TrainingHistory history;
    private @Nullable FeatureScale scale;
    private boolean written;
    private boolean remembers = true;

    /**
     * A run.
     *
     * @param targetScale on which numbers are learned; what comes of it gives them as they are. Null where there are classes
     */
    TrainingRun(
            Settings settings,
            FitListener listener,
            TrainingLoss loss,
            List<String> classNames,
            @Nullable TargetScale targetScale) {
        this.settings = settings;
        this.listener = listener;
        this.loss = loss;
        this.classNames = classNames;
        this.targetScale = targetScale;
        this.dl4jListeners = GuardedListeners.of(settings.keeping().dl4jListeners());
        this.steps = TrainingPhases.of(settings).steps();
        Optional<LearnedStart> start = settings.network().start();
        this.phasesBefore = start.map(LearnedStart::phases).orElse(0);
        this.history = start.map(LearnedStart::history).orElse(TrainingHistory.empty());
    }

    /** The network before its first phase, with the backbone's weights and a random head. */
    FittedNetwork firstNetwork() {
        NetworkPlan plan = steps.get(0).plan(classNames.size());
        BackboneParameters parameters = BackboneParameters.of(settings.network(), settings.data());
        WeightedNetwork frozen = plan.trunk().map(parameters::fill).orElse(null);
        Tail tail = tail(plan, steps.get(0));
        parameters.fill(plan.tail(), tail.parameters());
        if (targetScale != null && parameters.areLearned(outputLayer(tail))) {
            targetScale.unfold(outputLayer(tail));
        }
        settings.network()
                .start()
                .filter(start -> start.isRememberedBy(settings.training().optimizer()))
                .ifPresent(start -> tail.restore(start.memory().fitting(tail.updaterState())));
        return network(plan, frozen, settings.network().algorithms(), tail);
    }

    private Tail tail(NetworkPlan plan, TrainingPhases.Step step) {
        return TailCompiler.compile(
                plan.tail(), tailSettings(settings, step.optimizer(), step.rateParts(), loss, dl4jListeners));
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

    /** The epochs completed so far. */
    TrainingHistory history() {
        return history;
    }

    /**
     * Trains.
     *
     * @param first the network before the first phase; closed where no classifier comes of it
     */
    Fit.Outcome run(FittedNetwork first, LabelledSource source, @Nullable LabelledSource held) {
        FittedNetwork network = first;
        EarlyEnd early = null;
        try {
            TrainingFolder folder = folder(network, source, held);
            TrainingFolder.Checkpoint checkpoint = folder == null ? null : folder.read();
            int start = checkpoint == null ? 1 : checkpoint.phase(phasesBefore, steps.size());
            requireSpace(start, source, held);
            for (int phase = start; phase <= steps.size() && early == null; phase++) {
                if (phase > 1) {
                    network = next(network, steps.get(phase - 1));
                }
                // before anybody may ask for the end, which then is that of the checkpoint
                TailTrainer trainer = trainer(network, phase);
                if (checkpoint != null && phase == start) {
                    scale = checkpoint.restore(network.tail(), trainer).orElse(null);
                    history = trainer.history();
                }
                if (phase == start && !history.epochs().isEmpty()) {
                    listener.fitContinued(history);
                }
                if (steps.size() > 1) {
                    listener.phaseStarted(phase, steps.size());
                }
                keepCheckpoints(folder, network, trainer);
                early = train(network, trainer, steps.get(phase - 1), source, held);
                if (early != null && early.isAfterPhase() && phase == steps.size()) {
                    early = null;
                }
            }
        } catch (EarlyEnd e) {
            early = e;
        } catch (RuntimeException | Error e) {
            if (!Interruption.caused(e)) {
                network.close();
                throw e;
            }
            early = EarlyEnd.cancelled(EarlyEnd.who(e) + " between two epochs", e);
        }
        fold(network);
        if (targetScale != null) {
            targetScale.fold(outputLayer(network.tail()));
        }
        return new Fit.Outcome(new Fitted(network, history, past(), remembers), Optional.ofNullable(early));
    }

    private PastTraining past() {
        return PastTraining.of(settings);
    }

    /**
     * Checks that the temporary folder has room for the features of each phase to come, which is given back before the
     * next one: a later phase, cut further down, may need more than the first, hours after it. What goes to a feature
     * cache is checked phase by phase, since how much of it is new is not known before.
     */
    private void requireSpace(int firstPhase, LabelledSource source, @Nullable LabelledSource held) {
        if (settings.keeping().featureCache().isPresent() || source instanceof ComputedFeatures) {
            return;
        }
        for (int phase = firstPhase; phase <= steps.size(); phase++) {
            NetworkPlan plan = steps.get(phase - 1).plan(classNames.size());
            ExampleSupply.volume(settings.data(), plan, source.size(), held == null ? 0 : held.size())
                    .requireRoom(
                            ExampleSupply.temporaryFolder(),
                            steps.size() == 1 ? "the features" : "the features of phase " + phase,
                            FeatureStore.TEMPORARY_FOLDER,
                            FeatureStore.ADVICE);
        }
    }

    private @Nullable TrainingFolder folder(
            FittedNetwork network, LabelledSource source, @Nullable LabelledSource held) {
        return settings.keeping()
                .checkpoints()
                .map(checkpoints -> TrainingFolder.open(
                        checkpoints,
                        TrainingIdentity.of(settings, network, source, held).toJson(),
                        network.plan().name()))
                .orElse(null);
    }

    /** The same weights and the same memory of the optimizer, cut further down. */
    private FittedNetwork next(FittedNetwork network, TrainingPhases.Step step) {
        NetworkPlan plan = step.plan(classNames.size());
        WeightedNetwork frozen = plan.trunk()
                .map(part -> new WeightedNetwork(part, ParameterValues.zeros(part)))
                .orElse(null);
        Tail tail = tail(plan, step);
        if (frozen != null) {
            ParameterValues.copy(network.parameters(), frozen.parameters());
        }
        ParameterValues.copy(network.parameters(), tail.parameters());
        UpdaterState memory = network.tail().updaterState();
        tail.restore(memory);
        memory.values().values().forEach(INDArray::close);
        network.close();
        return network(plan, frozen, settings.network().algorithms().withRecorded(network.recordedAlgorithms()), tail);
    }

    private TailTrainer trainer(FittedNetwork network, int phase) {
        TrainingPhases.Step step = steps.get(phase - 1);
        TailTrainer trainer = new TailTrainer(
                        network.tail(),
                        step.optimizer(),
                        loss,
                        step.batchSize(),
                        settings.data().seed(),
                        listener)
                .ratePart(step.ratePart())
                .after(history, phasesBefore + phase);
        settings.training().earlyStopping().ifPresent(trainer::stopping);
        settings.training().averageDecay().ifPresent(trainer::averaging);
        return trainer;
    }

    private void keepCheckpoints(@Nullable TrainingFolder folder, FittedNetwork network, TailTrainer trainer) {
        if (folder != null) {
            Checkpoints checkpoints = settings.keeping().checkpoints().orElseThrow();
            trainer.afterEpoch(last -> {
                TrainingHistory soFar = trainer.history();
                checkpoints.modelsAfter(soFar).forEach(file -> write(file, network, soFar));
                if (last || soFar.epochs().size() % checkpoints.epochs() == 0) {
                    folder.write(network.tail(), trainer, scale);
                }
            });
        }
    }

    private @Nullable EarlyEnd train(
            FittedNetwork network,
            TailTrainer trainer,
            TrainingPhases.Step step,
            LabelledSource source,
            @Nullable LabelledSource held) {
        Settings phase = settings.with(step.network());
        ExampleSupply supply = new ExampleSupply(phase, network, listener)
                .checking(new PreprocessingCheck(phase, network.parameters()));
        supply.requireCacheSpace(source, held);
        try (Examples training = examples("training", () -> supply.augmentedExamples(source));
                Examples heldOut = held == null ? null : examples("validation", () -> supply.examples(held))) {
            requireClassesOfIterators(source, training.size(), held);
            int epochs = step.epochs(training.size());
            step.optimizer().requireFits(epochs);
            if (scale == null && isScalable(network, step)) {
                scale = FeatureScale.of(training).orElse(null);
            }
            trainer.train(scaled(training), heldOut == null ? null : scaled(heldOut), epochs);
            return null;
        } catch (EarlyEnd e) {
            return e;
        } finally {
            remembers = !trainer.isBrokenOff();
            fold(network);
            history = trainer.history();
        }
    }

    /** An iterator's classes are known once it was read; those of a dataset were looked at before any work. */
    private void requireClassesOfIterators(LabelledSource source, long images, @Nullable LabelledSource held) {
        if (source instanceof IteratorSource) {
            FitTask.requireImagesOfClasses(
                    source, images, settings.network().head().isMultiLabel());
        }
        if (held instanceof IteratorSource) {
            FitTask.lookAtClasses(held);
        }
    }

    /** A head of dense layers on kept features, of which nobody said how it is to be trained. */
    private boolean isScalable(FittedNetwork network, TrainingPhases.Step step) {
        return settings.training().byDefault()
                && settings.training().phases().isEmpty()
                && settings.network().start().isEmpty()
                && step.headAlone()
                && DenseChain.isAllOf(network.plan().tail());
    }

    private Examples scaled(Examples examples) {
        return scale == null ? examples : scale.scaled(examples);
    }

    /**
     * Makes what learned from scaled features fit for features as they are. What the optimizer remembers is then of other
     * weights: a step of a moment that is too small by the square of the divisor is as much too large. How large the moments
     * would be is not known, since a mean taken off each feature mixes the weights' gradient with the bias', whose product
     * nobody has summed.
     */
    private void fold(FittedNetwork network) {
        if (scale != null) {
            scale.fold(firstLayer(network));
            remembers = false;
            scale = null;
        }
    }

    static Map<String, INDArray> outputLayer(Tail tail) {
        return Objects.requireNonNull(tail.parameters().get(NetworkPlan.OUTPUT), NetworkPlan.OUTPUT);
    }

    private static Map<String, INDArray> firstLayer(FittedNetwork network) {
        return network.tail().parameters().values().iterator().next();
    }

    /** In the middle of a training: the weights are folded for the file alone. */
    private void write(Path file, FittedNetwork network, TrainingHistory soFar) {
        if (!written) {
            SavedModel.warnOfOptimizer(file, past());
            written = true;
        }
        IdentityHashMap<INDArray, INDArray> learning = new IdentityHashMap<>();
        if (scale != null) {
            firstLayer(network).values().forEach(value -> learning.put(value, value.dup()));
        }
        if (targetScale != null) {
            outputLayer(network.tail()).values().forEach(value -> learning.put(value, value.dup()));
        }
        try {
            if (scale != null) {
                scale.fold(firstLayer(network));
            }
            if (targetScale != null) {
                targetScale.fold(outputLayer(network.tail()));
            }
            SavedModel.write(file, new Fitted(network, soFar, past(), true));
        } finally {
            learning.forEach(INDArray::assign);
        }
    }

    static Examples examples(String what, Supplier<Examples> supply) {
        try {
            Examples examples = supply.get();
            if (examples.size() == 0) {
                examples.close();
                throw FitTask.noImages(what);
            }
            return examples;
        } catch (RuntimeException e) {
            throw Interruption.caused(e) ? EarlyEnd.cancelled(EarlyEnd.who(e) + " while features were computed", e) : e;
        }
    }
}
