package org.transfer4j.examples;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.MultiLabelSplit;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import picocli.CommandLine;

/**
 * Several labels an image: what a handwritten digit is like, instead of which one it is. An image may have any of four
 * labels; the classifier gives each of them a probability of its own.
 */
@CommandLine.Command(
        name = "SeveralLabels",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Learns whether handwritten digits are even, prime, below five, and drawn with a loop.")
public final class SeveralLabels implements Callable<Integer> {
    private static final Map<String, Set<Integer>> DIGITS_OF_LABEL = new TreeMap<>(Map.of(
            "below five", Set.of(0, 1, 2, 3, 4),
            "even", Set.of(0, 2, 4, 6, 8),
            "loop", Set.of(0, 6, 8, 9),
            "prime", Set.of(2, 3, 5, 7)));

    @CommandLine.Option(
            names = "--limit",
            converter = Options.Count.class,
            description = "take only so many training images")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--epochs", converter = Options.Count.class)
    private int epochs = 20;

    private final PrintStream out;

    private SeveralLabels(PrintStream out) {
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
        return Options.run(new SeveralLabels(out), args);
    }

    @Override
    public Integer call() {
        ImageDataset digits = SampleDatasets.digits();
        List<Set<String>> labels = IntStream.range(0, digits.size())
                .mapToObj(i -> labels(Integer.parseInt(digits.label(i))))
                .toList();
        MultiLabelSplit images = MultiLabelDataset.of(digits, labels).split(0.8, 42);
        MultiLabelDataset train = images.train().limit(limit);
        MultiLabelDataset test = images.test();
        out.println("learns from " + train);

        try (ImageClassifier classifier = TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool"))
                .head(Head.flatten().multiLabel())
                .epochs(epochs)
                .fit(train)) {
            out.println(classifier.evaluate(test));

            ImageDataset some = test.images().limit(10);
            List<Prediction> predictions = classifier.predict(some);
            for (int i = 0; i < predictions.size(); i++) {
                out.println(described(predictions.get(i), test.labels(i)));
            }
        }
        return 0;
    }

    private static Set<String> labels(int digit) {
        Set<String> labels = new TreeSet<>();
        DIGITS_OF_LABEL.forEach((label, digits) -> {
            if (digits.contains(digit)) {
                labels.add(label);
            }
        });
        return labels;
    }

    /** The labels above one half, and how sure each label is. */
    private static String described(Prediction prediction, Set<String> expected) {
        StringBuilder line = new StringBuilder();
        for (String label : DIGITS_OF_LABEL.keySet()) {
            line.append(String.format(Locale.ROOT, "%s %3.0f%%  ", label, 100 * prediction.probability(label)));
        }
        boolean right = Set.copyOf(prediction.labels()).equals(expected);
        return line
                + (right ? "right: " : "wrong: ")
                + new TreeSet<>(prediction.labels())
                + (right ? "" : ", is " + expected);
    }
}
