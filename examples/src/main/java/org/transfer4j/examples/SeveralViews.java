package org.transfer4j.examples;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.transfer4j.ClassifierEnsemble;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.Views;
import picocli.CommandLine;

/**
 * What it brings to look at an image more than once, and to ask more than one classifier: accuracy and log loss of the two
 * networks that come with the library, with several views of each image, and of both as one. Means of several draws of the
 * training images.
 */
@CommandLine.Command(
        name = "SeveralViews",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Compares predictions from one view of an image, from several, and from two classifiers.")
public final class SeveralViews implements Callable<Integer> {
    @CommandLine.Mixin
    private Tasks tasks = new Tasks();

    @CommandLine.Option(names = "--side", description = "height and width of the images")
    private int side = 64;

    @CommandLine.Option(
            names = "--training",
            converter = Options.Count.class,
            description = "training images of a draw, at most")
    private int training = 1000;

    @CommandLine.Option(
            names = "--draws",
            converter = Options.Count.class,
            description = "how many times training images are drawn")
    private int draws = 3;

    private final PrintStream out;

    private SeveralViews(PrintStream out) {
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
        return Options.run(new SeveralViews(out), args);
    }

    /** Ways to look at an image, by what the table calls them. */
    private static Map<String, Views> ways() {
        Map<String, Views> ways = new LinkedHashMap<>();
        ways.put("as it is", Views.none());
        ways.put("flipped()", Views.flipped());
        ways.put("crops(0.875)", Views.crops(0.875));
        ways.put("of(photos(), 4, 42)", Views.of(Augmentation.photos(), 4, 42));
        return ways;
    }

    @Override
    public Integer call() {
        out.println("| Data | Classifier | " + String.join(" | ", ways().keySet()) + " |");
        out.println("|---|---" + "|---".repeat(ways().size()) + "|");
        tasks.load().forEach((name, images) -> {
            Map<String, Map<String, List<EvaluationReport>>> rows = new LinkedHashMap<>();
            for (int draw = 0; draw < draws; draw++) {
                compare(images, draw, rows);
            }
            rows.forEach((row, cells) -> out.println("| " + name + " | " + row + " | "
                    + cells.values().stream().map(SeveralViews::cell).collect(Collectors.joining(" | ")) + " |"));
        });
        return 0;
    }

    private void compare(DatasetSplit images, int draw, Map<String, Map<String, List<EvaluationReport>>> rows) {
        ImageDataset drawn = images.train().shuffle(draw).limit(training);
        try (ImageClassifier vgg = learner(TransferLearner.tinyVgg()).fit(drawn);
                ImageClassifier resNet = learner(TransferLearner.tinyResNet()).fit(drawn);
                ClassifierEnsemble both = ClassifierEnsemble.of(vgg, resNet)) {
            ways().forEach((way, views) -> {
                note(rows, "tinyVgg", way, vgg.evaluate(images.test(), views));
                note(rows, "tinyResNet", way, resNet.evaluate(images.test(), views));
                note(rows, "both", way, both.evaluate(images.test(), views));
            });
        }
    }

    private TransferLearner learner(TransferLearner network) {
        return network.inputSize(side, side).head(Head.globalAveragePooling());
    }

    private static void note(
            Map<String, Map<String, List<EvaluationReport>>> rows, String row, String way, EvaluationReport report) {
        rows.computeIfAbsent(row, key -> new LinkedHashMap<>())
                .computeIfAbsent(way, key -> new ArrayList<>())
                .add(report);
    }

    private static String cell(List<EvaluationReport> reports) {
        return String.format(
                Locale.ROOT,
                "%.1f, %.3f",
                100
                        * reports.stream()
                                .mapToDouble(EvaluationReport::accuracy)
                                .average()
                                .orElseThrow(),
                reports.stream()
                        .mapToDouble(EvaluationReport::logLoss)
                        .average()
                        .orElseThrow());
    }
}
