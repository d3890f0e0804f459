package org.transfer4j.examples;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import picocli.CommandLine;

/**
 * What transfer gives: one softmax layer learns, by the library's defaults, from the features of the small networks that
 * come with the library, from those of the same networks with random weights, and from the pixels themselves, on the same
 * images. Also a backbone of one's own in a few lines: the one that hands on its input.
 *
 * <p>A figure is the mean over several draws of the training images; beside it stands half of the interval that holds
 * the true value in 95 of 100 cases (normal approximation, from the test images' number and the draws' scatter).
 */
@CommandLine.Command(
        name = "LinearProbe",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Compares a softmax layer on pretrained features, on random features and on pixels.")
public final class LinearProbe implements Callable<Integer> {
    /** Of a normal distribution, 95% lie within so many standard deviations. */
    private static final double WIDTH = 1.96;

    /** The columns of the table. */
    @SuppressWarnings("ImmutableEnumChecker") // a learner is immutable
    private enum Features {
        PIXELS("pixels", TransferLearner.of(pixels()).weights(Weights.random())),
        RANDOM_TINY_VGG("tinyVgg, random", TransferLearner.tinyVgg().weights(Weights.random())),
        TINY_VGG("tinyVgg", TransferLearner.tinyVgg()),
        RANDOM_TINY_RESNET("tinyResNet, random", TransferLearner.tinyResNet().weights(Weights.random())),
        TINY_RESNET("tinyResNet", TransferLearner.tinyResNet());

        private final String label;

        @SuppressWarnings("ImmutableEnumChecker") // learners are immutable
        private final TransferLearner learner;

        Features(String label, TransferLearner learner) {
            this.label = label;
            this.learner = learner;
        }
    }

    @CommandLine.Mixin
    private Tasks tasks = new Tasks();

    @CommandLine.Option(names = "--sides", split = ",", description = "height and width of the images, in turn")
    private List<Integer> sides = List.of(32, 64, 96);

    @CommandLine.Option(names = "--of", split = ",", description = "whose features: ${COMPLETION-CANDIDATES}")
    private List<Features> compared = List.of(Features.values());

    @CommandLine.Option(
            names = "--draws",
            converter = Options.Count.class,
            description = "how many subsets of each size are drawn")
    private int draws = 5;

    private final PrintStream out;

    private LinearProbe(PrintStream out) {
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
        return Options.run(new LinearProbe(out), args);
    }

    @Override
    public Integer call() {
        out.println("accuracy, in percent, of one softmax layer on test images");
        out.println("| Training images | Side | "
                + compared.stream().map(of -> of.label).collect(Collectors.joining(" | ")) + " |");
        out.println("|---|---" + "|---".repeat(compared.size()) + "|");
        Tasks.withFeatureCache(cache -> tasks.load().forEach((name, images) -> {
            for (int side : sides) {
                List<TransferLearner> sized = compared.stream()
                        .map(of -> of.learner.inputSize(side, side).featureCache(cache))
                        .toList();
                for (int count : tasks.perClass()) {
                    List<ImageDataset> subsets = IntStream.range(0, draws)
                            .mapToObj(seed -> Tasks.ofEachClass(images.train().shuffle(seed), count))
                            .toList();
                    print(name + ", " + count + " a class", side, sized, subsets, images.test());
                }
                String all = String.format(
                        Locale.ROOT, "%s, %,d", name, images.train().size());
                print(all, side, sized, List.of(images.train()), images.test());
            }
        }));
        return 0;
    }

    private void print(
            String name, int side, List<TransferLearner> learners, List<ImageDataset> subsets, ImageDataset test) {
        String cells = learners.stream()
                .map(learner -> cell(
                        subsets.stream()
                                .mapToDouble(train -> accuracy(learner, train, test))
                                .toArray(),
                        test.size()))
                .collect(Collectors.joining(" | "));
        out.println("| " + name + " | " + side + " | " + cells + " |");
    }

    private static double accuracy(TransferLearner learner, ImageDataset train, ImageDataset test) {
        try (ImageClassifier classifier = learner.fit(train)) {
            return classifier.evaluate(test).accuracy();
        }
    }

    static String cell(double[] accuracies, int tested) {
        double mean = DoubleStream.of(accuracies).average().orElseThrow();
        double squares =
                DoubleStream.of(accuracies).map(a -> (a - mean) * (a - mean)).sum();
        double ofDraws = accuracies.length < 2 ? 0 : squares / (accuracies.length - 1) / accuracies.length;
        double half = WIDTH * Math.sqrt(mean * (1 - mean) / tested + ofDraws);
        return String.format(Locale.ROOT, "%.1f ± %.1f", 100 * mean, 100 * half);
    }

    /** A backbone that learns and computes nothing. */
    private static Backbone pixels() {
        return Backbone.builder("pixels", LinearProbe::identity)
                .inputSize(32, 32)
                .build();
    }

    private static ComputationGraphConfiguration identity(int height, int width) {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input_1")
                .setInputTypes(InputType.convolutional(height, width, 3))
                .addLayer("pixels", new ActivationLayer(Activation.IDENTITY), "input_1")
                .setOutputs("pixels")
                .validateOutputLayerConfig(false)
                .build();
    }
}
