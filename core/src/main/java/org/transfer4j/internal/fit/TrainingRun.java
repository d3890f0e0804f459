package org.transfer4j.internal.fit;

import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureScale;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.IteratorSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Fitted.PastTraining;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.EarlyEnd;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.onednn.DenseChain;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.TrainingHistory;

/** The phases of one fit, one after the other: for each a cut, a feature pass and its epochs. */
final class TrainingRun {
    private final FitTask task;
    private final Settings settings;
    private final FitListener listener;
    private final PhaseNetworks networks;
    private final List<TrainingPhases.PlannedPhase> phases;
    private final int phasesBefore;
    private final Scaling scaling;
    private TrainingHistory history;
    private boolean written;
    private boolean remembers = true;

    /**
     * A run.
     *
     * @param task where it has numbers, they are learned on its scale, and what comes of it gives them as they are
     * @param networks of its phases
     */
    TrainingRun(FitTask task, FitListener listener, PhaseNetworks networks) {
        this.task = task;
        this.settings = task.settings();
        this.listener = listener;
        this.networks = networks;
        this.scaling = new Scaling(task.scale());
        this.phases = TrainingPhases.of(settings).all();
        Optional<LearnedStart> start = settings.network().start();
        this.phasesBefore = start.map(LearnedStart::phases).orElse(0);
        this.history = start.map(LearnedStart::history).orElse(TrainingHistory.empty());
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
    Fit.Outcome run(FittedNetwork first) {
        FittedNetwork network = first;
        EarlyEnd early = null;
        try (TrainingFolder folder = folder(network)) {
            TrainingFolder.Checkpoint checkpoint = folder == null ? null : folder.read();
            int start = checkpoint == null ? 1 : checkpoint.phase(phasesBefore, phases.size());
            requireSpace(start);
            for (int phase = start; phase <= phases.size() && early == null; phase++) {
                if (phase > 1) {
                    network = networks.next(network, phases.get(phase - 1));
                }
                // before anybody may ask for the end, which then is that of the checkpoint
                TailTrainer trainer = trainer(network, phase);
                if (checkpoint != null && phase == start) {
                    scaling.learnOn(checkpoint.restore(network.tail(), trainer));
                    history = trainer.history();
                }
                if (phase == start && !history.epochs().isEmpty()) {
                    listener.fitContinued(history);
                }
                if (phases.size() > 1) {
                    listener.phaseStarted(phase, phases.size());
                }
                keepCheckpoints(folder, network, trainer);
                early = train(network, trainer, phases.get(phase - 1));
                if (early != null && early.isAfterPhase() && phase == phases.size()) {
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
        foldFeatures(network);
        scaling.foldTargets(network);
        return new Fit.Outcome(
                new Fitted(network, history, PastTraining.of(settings), remembers), Optional.ofNullable(early));
    }

    /**
     * Checks that the temporary folder has room for the features of each phase to come, which is given back before the
     * next one: a later phase, cut further down, may need more than the first, hours after it. What goes to a feature
     * cache is checked phase by phase, since how much of it is new is not known before.
     */
    private void requireSpace(int firstPhase) {
        LabelledSource source = task.source();
        LabelledSource held = task.held();
        if (settings.keeping().featureCache().isPresent() || source instanceof ComputedFeatures) {
            return;
        }
        for (int phase = firstPhase; phase <= phases.size(); phase++) {
            NetworkPlan plan = phases.get(phase - 1).plan(task.classNames().size());
            ExampleSupply.volume(settings.data(), plan, source.size(), held == null ? 0 : held.size())
                    .requireRoom(
                            ExampleSupply.temporaryFolder(),
                            phases.size() == 1 ? "the features" : "the features of phase " + phase,
                            FeatureStore.TEMPORARY_FOLDER,
                            FeatureStore.ADVICE);
        }
    }

    /** The run's own, null where it keeps no checkpoints. */
    private @Nullable TrainingFolder folder(FittedNetwork network) {
        return settings.keeping()
                .checkpoints()
                .map(checkpoints -> TrainingFolder.open(
                        checkpoints,
                        TrainingIdentity.of(task, network).toJson(),
                        network.plan().name()))
                .orElse(null);
    }

    private TailTrainer trainer(FittedNetwork network, int phase) {
        TrainingPhases.PlannedPhase planned = phases.get(phase - 1);
        TailTrainer trainer = new TailTrainer(
                        network.tail(),
                        planned.optimizer(),
                        task.loss(),
                        planned.batchSize(),
                        settings.data().seed(),
                        listener)
                .ratePart(planned.ratePart())
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
                    folder.write(network.tail(), trainer, scaling.features());
                }
            });
        }
    }

    private @Nullable EarlyEnd train(FittedNetwork network, TailTrainer trainer, TrainingPhases.PlannedPhase planned) {
        LabelledSource source = task.source();
        LabelledSource held = task.held();
        Settings phase = settings.with(planned.network());
        ExampleSupply supply = new ExampleSupply(phase, network, listener)
                .checking(new PreprocessingCheck(phase, network.parameters()));
        supply.requireCacheSpace(source, held);
        try (Examples training = examples("training", () -> supply.augmentedExamples(source));
                Examples heldOut = held == null ? null : examples("validation", () -> supply.examples(held))) {
            requireClassesOfIterators(training.size());
            int epochs = planned.epochs(training.size());
            planned.optimizer().requireFits(epochs);
            if (scaling.features() == null && isScalable(network, planned)) {
                scaling.learnOn(FeatureScale.of(training));
            }
            trainer.train(scaling.scaled(training), heldOut == null ? null : scaling.scaled(heldOut), epochs);
            return null;
        } catch (EarlyEnd e) {
            return e;
        } finally {
            remembers = !trainer.isBrokenOff();
            foldFeatures(network);
            history = trainer.history();
        }
    }

    /** An iterator's classes are known once it was read; those of a dataset were looked at before any work. */
    private void requireClassesOfIterators(long images) {
        if (task.source() instanceof IteratorSource read) {
            FitTask.requireImagesOfClasses(read, images, settings.network().answers());
        }
        if (task.held() instanceof IteratorSource read) {
            FitTask.lookAtClasses(read);
        }
    }

    /** A head of dense layers on kept features, of which nobody said how it is to be trained. */
    private boolean isScalable(FittedNetwork network, TrainingPhases.PlannedPhase planned) {
        return settings.training().byDefault()
                && settings.training().phases().isEmpty()
                && settings.network().start().isEmpty()
                && planned.headAlone()
                && DenseChain.isAllOf(network.plan().tail());
    }

    private void foldFeatures(FittedNetwork network) {
        if (scaling.foldFeatures(network)) {
            remembers = false;
        }
    }

    private void write(Path file, FittedNetwork network, TrainingHistory soFar) {
        PastTraining past = PastTraining.of(settings);
        if (!written) {
            ModelFile.warnOfOptimizer(file, past);
            written = true;
        }
        scaling.whileFolded(network, () -> ModelFile.write(file, new Fitted(network, soFar, past, true)));
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

    /**
     * The scales on which a network learns: of its features in a phase where these are small or large, and of its targets where they are
     * numbers. What others get of it is folded: it is for features as they are, and gives targets as they are.
     */
    private static final class Scaling {
        private final @Nullable TargetScale targets;
        private @Nullable FeatureScale features;

        /**
         * One of targets alone, as yet.
         *
         * @param targets null where there are classes
         */
        Scaling(@Nullable TargetScale targets) {
            this.targets = targets;
        }

        /** The scale of the features that the weights are for; null where it is their own. */
        @Nullable
        FeatureScale features() {
            return features;
        }

        /** From now on weights are for features on this scale. */
        void learnOn(Optional<FeatureScale> scale) {
            features = scale.orElse(null);
        }

        /** Features as the weights want them. */
        Examples scaled(Examples examples) {
            return features == null ? examples : features.scaled(examples);
        }

        /**
         * Makes what learned from scaled features fit for features as they are. What the optimizer remembers is then of other
         * weights: a step of a moment that is too small by the square of the divisor is as much too large. How large the moments
         * would be is not known, since a mean taken off each feature mixes the weights' gradient with the bias', whose product
         * nobody has summed.
         *
         * @return whether features were scaled
         */
        boolean foldFeatures(FittedNetwork network) {
            if (features == null) {
                return false;
            }
            features.fold(firstLayer(network));
            features = null;
            return true;
        }

        /** Makes outputs targets as they are, when nothing is learned any more. */
        void foldTargets(FittedNetwork network) {
            if (targets != null) {
                targets.fold(PhaseNetworks.outputLayer(network.tail()));
            }
        }

        /** In the middle of a training: weights are folded for the work alone, and are then what they were, to the bit. */
        void whileFolded(FittedNetwork network, Runnable work) {
            IdentityHashMap<INDArray, INDArray> learning = new IdentityHashMap<>();
            if (features != null) {
                firstLayer(network).values().forEach(value -> learning.put(value, value.dup()));
            }
            if (targets != null) {
                PhaseNetworks.outputLayer(network.tail()).values().forEach(value -> learning.put(value, value.dup()));
            }
            try {
                if (features != null) {
                    features.fold(firstLayer(network));
                }
                foldTargets(network);
                work.run();
            } finally {
                learning.forEach(INDArray::assign);
            }
        }

        private static Map<String, INDArray> firstLayer(FittedNetwork network) {
            return network.tail().parameters().values().iterator().next();
        }
    }
}
