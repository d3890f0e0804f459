package org.transfer4j.examples;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * What a fit gives for which nobody chose anything, beside what the best of nine choices would have given: 10, 30 and 100
 * epochs with Adam at three rates. One softmax layer learns from the features of the small pretrained VGG.
 */
@CommandLine.Command(
        name = "DefaultFits",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Compares a fit by default with the best of nine choices of epochs and learning rate.")
public final class DefaultFits implements Callable<Integer> {
    private static final double[] RATES = {3e-4, 1e-3, 3e-3};
    private static final int[] EPOCHS = {10, 30, 100};

    @CommandLine.Mixin
    private Tasks tasks = new Tasks();

    /** Whose features. */
    @SuppressWarnings("ImmutableEnumChecker") // a learner is immutable
    private enum Features {
        TINY_VGG(TransferLearner.tinyVgg()),
        TINY_RESNET(TransferLearner.tinyResNet().inputSize(64, 64)),
        RANDOM_VGG16(TransferLearner.vgg16().weights(Weights.random()).inputSize(48, 48));

        @SuppressWarnings("ImmutableEnumChecker") // learners are immutable
        private final TransferLearner learner;

        Features(TransferLearner learner) {
            this.learner = learner;
        }
    }

    @CommandLine.Option(names = "--features", description = "whose features: ${COMPLETION-CANDIDATES}")
    private Features features = Features.TINY_VGG;

    private final PrintStream out;

    private DefaultFits(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs the example.
     *
     * @param args options, see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(run(System.out, args));
    }

    /**
     * Runs the example and returns.
     *
     * @param out where it prints
     * @param args options
     * @return 0 if all went well
     */
    static int run(PrintStream out, String... args) {
        return Options.run(new DefaultFits(out), args);
    }

    @Override
    public Integer call() {
        Tasks.withFeatureCache(cache -> compare(features.learner.featureCache(cache)));
        return 0;
    }

    private void compare(TransferLearner learner) {
        out.println("| Training images | By default | Epochs | Best of nine | With | Adam(1e-3), 10 epochs |");
        out.println("|---|---|---|---|---|---|");
        tasks.load().forEach((name, images) -> {
            for (int count : tasks.perClass()) {
                compare(
                        name + ", " + count + " a class",
                        learner,
                        Tasks.ofEachClass(images.train(), count),
                        images.test());
            }
            compare(
                    String.format(Locale.ROOT, "%s, %,d", name, images.train().size()),
                    learner,
                    images.train(),
                    images.test());
        });
    }

    private void compare(String name, TransferLearner learner, ImageDataset train, ImageDataset test) {
        EpochRecord byDefault = last(learner.validation(test), train).get(0);
        double best = 0;
        String choice = "";
        double old = 0;
        for (double rate : RATES) {
            List<EpochRecord> records = last(
                    learner.validation(test).optimizer(Optimizer.adam(rate)).epochs(EPOCHS[EPOCHS.length - 1]),
                    train,
                    EPOCHS);
            for (int i = 0; i < EPOCHS.length; i++) {
                double accuracy = records.get(i).validationAccuracy().orElseThrow();
                if (accuracy > best) {
                    best = accuracy;
                    choice = "Adam(" + rate + "), " + EPOCHS[i] + " epochs";
                }
                if (rate == 1e-3 && i == 0) {
                    old = accuracy;
                }
            }
        }
        out.println(String.format(
                Locale.ROOT,
                "| %s | %.1f%% | %d | %.1f%% | %s | %.1f%% |",
                name,
                100 * byDefault.validationAccuracy().orElseThrow(),
                byDefault.epoch(),
                100 * best,
                choice,
                100 * old));
    }

    /** The records of some epochs of a fit, of the last where none are named. A rate that is constant knows no end. */
    private static List<EpochRecord> last(TransferLearner learner, ImageDataset train, int... epochs) {
        try (ImageClassifier classifier = learner.fit(train)) {
            List<EpochRecord> records = classifier.history().epochs();
            return epochs.length == 0
                    ? List.of(records.get(records.size() - 1))
                    : IntStream.of(epochs)
                            .mapToObj(epoch -> records.get(epoch - 1))
                            .toList();
        }
    }
}
