package org.transfer4j.internal.fitted;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.evaluation.ModelCard;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.dl4j.Dl4jJson;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.safetensors.SafetensorsFile;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.WeightsOrigin;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.onnx.OnnxExport;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingSettings;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.preprocessing.Views;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TrainingHistory;

/**
 * What a fit or a model file gives: a network and how it was trained.
 *
 * @param past the settings by which it was trained, null where they are not known
 * @param remembers whether the optimizer's memory is that of its training
 * @param calibration what held-out images said of it
 */
public record Fitted(
        FittedNetwork network,
        TrainingHistory history,
        @Nullable PastTraining past,
        boolean remembers,
        FittedCalibration calibration) {
    private static final Logger LOG = LoggerFactory.getLogger(Fitted.class);

    /** One that is not calibrated. */
    public Fitted(FittedNetwork network, TrainingHistory history, @Nullable PastTraining past, boolean remembers) {
        this(network, history, past, remembers, FittedCalibration.NONE);
    }

    /** The same for one owner more of the network, who closes it too. */
    public Fitted shared() {
        return new Fitted(network.shared(), history, past, remembers, calibration);
    }

    /** The same with another calibration; the network has one owner more, who closes it too. */
    public Fitted calibrated(FittedCalibration learned) {
        return new Fitted(network.shared(), history, past, remembers, learned);
    }

    /** The settings of a further training: its weights (copies), and how it was trained as far as that is known. */
    public Settings furtherTraining() {
        if (!calibration.equals(FittedCalibration.NONE)) {
            LOG.warn(
                    "a further training begins with the classifier as it was before its calibration, which does not hold"
                            + " for other weights: calibrate what it gives");
        }
        Settings settings = Settings.of(network.plan().backbone(network.preprocessing()));
        LearnedStart start = learnedStart(remembers && past != null ? past.optimizer() : null);
        settings = settings.with(settings.network()
                .with(settings.network().origin().withStart(start))
                .withHead(network.plan().head())
                .withPrecision(network.precision())
                .withAlgorithms(AlgorithmChoices.TABLE.withRecorded(network.recordedAlgorithms())));
        if (past != null) {
            settings = settings.with(past.in(settings.training()));
        }
        if (past == null || past.optimizer() == null) {
            LOG.warn(
                    "the classifier's file does not say how to go on with its optimizer ({}): it is {} unless"
                            + " TransferLearner.optimizer(...) names another",
                    past == null ? "not noted" : past.optimizerText(),
                    settings.training().optimizer());
        }
        return settings;
    }

    private LearnedStart learnedStart(@Nullable Optimizer optimizer) {
        Map<String, Map<String, INDArray>> copies = new LinkedHashMap<>();
        network.parameters().forEach((layer, values) -> {
            Map<String, INDArray> copied = new LinkedHashMap<>();
            values.forEach((name, value) -> copied.put(name, value.dup()));
            copies.put(layer, copied);
        });
        if (network.plan().isVote()) {
            // images that vote are no weights to go on from
            copies.remove(NetworkPlan.OUTPUT);
        }
        return new LearnedStart(
                copies,
                network.classNames(),
                network.classNames(),
                history,
                optimizer,
                network.tail().updaterState(),
                network.batchStatistics(),
                network.plan().answers() == AnswerKind.NUMBERS);
    }

    /** What a reader of its evaluation wants to know. */
    public ModelCard card(Views views) {
        NetworkPlan plan = network.plan();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Backbone", plan.name());
        facts.put("Images", plan.height() + "x" + plan.width() + ", " + network.preprocessing());
        facts.put("Head", plan.head().toString());
        facts.put(plan.answers().outputsTitle(), String.join(", ", network.classNames()));
        facts.put("Precision", network.precision().toString());
        facts.put("Epochs", Integer.toString(history.epochs().size()));
        if (past != null) {
            facts.put("Optimizer", past.optimizerText());
            facts.put("Batch size", Integer.toString(past.batchSize()));
            if (past.loss() != null) {
                facts.put("Loss", past.loss().toString());
            }
            if (past.weights() != null) {
                facts.put("Weights at the start", past.weights());
            }
            if (past.seed() != null) {
                facts.put("Seed", past.seed().toString());
            }
            past.averageDecay().ifPresent(decay -> facts.put("Averaged weights, decay", Double.toString(decay)));
        }
        plan.onnxLicence().ifPresent(licence -> facts.put("Licence of the ONNX model", licence));
        if (calibration.probabilities() != null) {
            Calibration figures = calibration.probabilities().figures();
            facts.put(
                    "Temperature",
                    String.format(
                            Locale.ROOT,
                            "%.3f; calibration error %.4f before, %.4f after, on %d held-out images",
                            figures.temperature(),
                            figures.errorBefore(),
                            figures.errorAfter(),
                            figures.images()));
        }
        if (!calibration.thresholds().isEmpty()) {
            facts.put(
                    "Thresholds",
                    calibration.thresholds().stream()
                            .map(label -> String.format(Locale.ROOT, "%s %.3f", label.label(), label.threshold()))
                            .collect(Collectors.joining(", ")));
        }
        if (calibration.known() != null) {
            Calibration.Novelty novelty = calibration.known().figures();
            facts.put(
                    "Novelty",
                    novelty.score() + " of " + novelty.trainingImages() + " training images, " + novelty.heldOutImages()
                            + " held-out images");
        }
        if (views.count() > 1) {
            facts.put("Views of an image", views.toString());
        }
        facts.put("Transfer4J", LibraryVersion.current());
        facts.put(
                "Java", Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return new ModelCard(
                plan.name() + " " + plan.answers().model(), history, plan.summary(network.preprocessing()), facts);
    }

    /** Writes a model file. */
    public void save(Path file) {
        ModelFile.warnOfOptimizer(file, past);
        ModelFile.write(file, this);
    }

    /** Writes what the backbone has learned as a weights file. */
    public void saveBackboneWeights(Path file, StoredPrecision precision) {
        NetworkPlan plan = network.plan();
        if (plan.network().hasOnnx()) {
            throw new UnsupportedOperationException(
                    plan.name() + " is an ONNX model: its weights are in its file, which was not trained");
        }
        Network backbone = plan.network().below(plan.backboneOutput());
        SafetensorsFile.write(
                file,
                NetworkLayers.of(backbone, backbone, List.of()),
                network.parameters(),
                precision,
                new WeightsOrigin(LibraryVersion.current(), Optional.of(network.preprocessing())));
    }

    /** Writes the whole network as an ONNX model. */
    public void exportOnnx(Path file, boolean preprocessingIncluded, int opset) {
        NetworkPlan plan = network.plan();
        OnnxExport.write(
                file,
                new OnnxExport.Contents(
                        LibraryVersion.current(),
                        plan.name(),
                        plan.network(),
                        network.parameters(),
                        network.preprocessing(),
                        preprocessingIncluded,
                        network.classNames(),
                        opset,
                        calibration.temperature().value(),
                        calibration.metadata(),
                        plan.answers() == AnswerKind.NUMBERS));
    }

    /** The whole network for DL4J, a copy. */
    public ComputationGraph toComputationGraph() {
        IUpdater updater = past == null || past.optimizer() == null
                ? new Sgd()
                : past.optimizer().updater();
        return network.toComputationGraph(updater, calibration.temperature());
    }

    /**
     * How a classifier was trained, as far as a further training goes on so. In the model file it stands beside the epochs,
     * in {@code history.json}; files of before it was noted don't have it.
     *
     * @param optimizer with its schedule; null where it could not be stored
     * @param optimizerText what it was, also where it could not be stored
     * @param loss null where the head's own was used
     * @param weights what weights it began with, and their licence, for the reader; null where that was not noted
     * @param seed what its random choices followed; null where that was not noted
     */
    public record PastTraining(
            @Nullable Optimizer optimizer,
            String optimizerText,
            @Nullable Loss loss,
            ClassWeights classWeights,
            int batchSize,
            OptionalDouble averageDecay,
            @Nullable String weights,
            @Nullable Long seed) {
        /** What is to be gone on with of a training. */
        public static PastTraining of(Settings settings) {
            TrainingSettings training = settings.training();
            return new PastTraining(
                    training.optimizer(),
                    training.optimizer().toString(),
                    training.loss().orElse(null),
                    training.classWeights(),
                    training.batchSize(),
                    training.averageDecay(),
                    weights(settings.network()),
                    settings.data().seed());
        }

        /** Of a file its name alone: a path is nobody's business whom the classifier is given to. */
        private static String weights(Settings.NetworkSettings network) {
            if (network.start().isPresent()) {
                return "those of a classifier";
            }
            if (network.weights() instanceof Weights.Pretrained) {
                return network.backbone()
                        .pretrainedWeights()
                        .map(own -> own.trainedOn() + "; " + own.licence())
                        .or(() -> network.backbone().licence().map(licence -> "the backbone's own; " + licence))
                        .orElse("the backbone's own");
            }
            return network.weights() instanceof Weights.FromFile file
                    ? "the file " + file.path().getFileName()
                    : "random";
        }

        /** The same settings, but for what this training had. */
        TrainingSettings in(TrainingSettings training) {
            return new TrainingSettings(
                    training.byDefault(),
                    optimizer == null ? training.optimizer() : optimizer,
                    new TrainingSettings.Objective(Optional.ofNullable(loss), classWeights),
                    new TrainingSettings.Course(training.phases(), training.epochs(), batchSize),
                    new TrainingSettings.KeptWeights(training.earlyStopping(), averageDecay));
        }

        /** Whether a model file can say which optimizer it was. */
        static boolean isStorable(Optimizer optimizer) {
            return optimizer.toJson().isPresent()
                    || Dl4jJson.of(optimizer.updater()).isPresent();
        }
    }
}
