package org.transfer4j.internal.fitted;

import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.format.dl4j.Dl4jJson;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingSettings;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

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
