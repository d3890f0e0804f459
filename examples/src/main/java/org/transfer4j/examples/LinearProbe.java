package org.transfer4j.examples;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * What transfer gives: one softmax layer learns from the features of the small pretrained VGG, cut after its second and
 * its third block, from those of the same network with random weights, and from the pixels themselves, on the same images.
 * Also a backbone of one's own in a few lines: the one that hands on its input.
 */
@CommandLine.Command(
        name = "LinearProbe",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Compares a softmax layer on pretrained features, on random features and on pixels.")
public final class LinearProbe implements Callable<Integer> {
    @CommandLine.Option(
            names = "--fashion-mnist",
            description = "the folder with the IDX files of Fashion-MNIST; without it, digits alone")
    private @Nullable Path fashionMnist;

    @CommandLine.Option(names = "--limit", description = "take only so many training images of Fashion-MNIST")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--epochs")
    private int epochs = 50;

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
        return new CommandLine(new LinearProbe(out)).execute(args);
    }

    @Override
    public Integer call() {
        Map<String, TransferLearner> learners = new LinkedHashMap<>();
        learners.put("pixels", TransferLearner.of(pixels()).weights(Weights.random()));
        for (String layer : List.of("block2_pool", "block3_pool")) {
            TransferLearner learner = TransferLearner.of(Backbone.tinyVgg().upTo(layer));
            String block = layer.replace("_pool", "");
            learners.put("random " + block, learner.weights(Weights.random()));
            learners.put("pretrained " + block, learner);
        }

        DatasetSplit digits = SampleDatasets.digits().split(0.8, 42);
        Map<String, DatasetSplit> tasks = new LinkedHashMap<>();
        tasks.put("100 digits", new DatasetSplit(digits.train().limit(100), digits.test()));
        tasks.put(String.format(Locale.ROOT, "%,d digits", digits.train().size()), digits);
        if (fashionMnist != null) {
            DatasetSplit fashion = FashionMnist.folder(fashionMnist);
            DatasetSplit limited = new DatasetSplit(fashion.train().shuffle(42).limit(limit), fashion.test());
            tasks.put(
                    String.format(
                            Locale.ROOT, "%,d of Fashion-MNIST", limited.train().size()),
                    limited);
        }

        out.println("accuracy on test images of one softmax layer, trained for " + epochs + " epochs on");
        out.println(row("training images", learners.keySet().toArray()));
        tasks.forEach((task, images) -> {
            Object[] accuracies = learners.values().stream()
                    .map(learner -> String.format(Locale.ROOT, "%.2f%%", 100 * accuracy(learner, images)))
                    .toArray();
            out.println(row(task, accuracies));
        });
        return 0;
    }

    private double accuracy(TransferLearner learner, DatasetSplit images) {
        try (ImageClassifier classifier = learner.freezeAll()
                .optimizer(Optimizer.adam(1e-3))
                .epochs(epochs)
                .batchSize(64)
                .fit(images.train())) {
            return classifier.evaluate(images.test()).accuracy();
        }
    }

    private static String row(String first, Object... cells) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-24s", first));
        for (Object cell : cells) {
            row.append(String.format(Locale.ROOT, "%19s", cell));
        }
        return row.toString();
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
