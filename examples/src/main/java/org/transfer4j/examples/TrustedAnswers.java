package org.transfer4j.examples;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.head.Head;
import picocli.CommandLine;

/**
 * How far calibrated classifiers can be trusted: the calibration error before and after, what sets cover and how large they
 * are, and how well other images are told from known ones. Means of several draws of the training and held-out images, with
 * their deviation.
 */
@CommandLine.Command(
        name = "TrustedAnswers",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Measures calibration, prediction sets and the rejection of unknown images.")
public final class TrustedAnswers implements Callable<Integer> {
    private static final double COVERAGE = 0.95;

    /** The two networks that come with the library. */
    enum Network {
        TINY_VGG(TransferLearner::tinyVgg),
        TINY_RESNET(TransferLearner::tinyResNet);

        @SuppressWarnings("ImmutableEnumChecker") // a method
        private final Supplier<TransferLearner> learner;

        Network(Supplier<TransferLearner> learner) {
            this.learner = learner;
        }
    }

    @CommandLine.Mixin
    private Tasks tasks = new Tasks();

    @CommandLine.Option(names = "--backbone", description = "${COMPLETION-CANDIDATES}")
    private Network backbone = Network.TINY_RESNET;

    @CommandLine.Option(names = "--side", description = "height and width of the images")
    private int side = 64;

    @CommandLine.Option(
            names = "--draws",
            converter = Options.Count.class,
            description = "how many times training and held-out images are drawn")
    private int draws = 5;

    @CommandLine.Option(
            names = "--training",
            converter = Options.Count.class,
            description = "training images of a draw, at most")
    private int training = 4000;

    @CommandLine.Option(names = "--held-out", description = "held-out images of a draw, at most, and 4 in 10")
    private int heldOut = 1334;

    @CommandLine.Option(names = "--unknown", description = "images of each kind that was not trained on")
    private int unknown = 500;

    private final PrintStream out;
    private final Map<String, Map<String, List<Double>>> calibration = new LinkedHashMap<>();
    private final Map<String, Map<String, List<Double>>> rejection = new LinkedHashMap<>();

    private TrustedAnswers(PrintStream out) {
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
        return Options.run(new TrustedAnswers(out), args);
    }

    @Override
    public Integer call() {
        Map<String, DatasetSplit> all = tasks.load();
        Map<String, ImageDataset> strange = new LinkedHashMap<>();
        all.forEach((name, images) -> strange.put(name, images.test().limit(unknown)));
        strange.put("noise", noise(unknown));
        Tasks.withFeatureCache(cache -> all.forEach((name, images) -> {
            TransferLearner learner = backbone.learner
                    .get()
                    .inputSize(side, side)
                    .head(Head.globalAveragePooling())
                    .featureCache(cache);
            Map<String, ImageDataset> others = new LinkedHashMap<>(strange);
            others.remove(name);
            for (int draw = 0; draw < draws; draw++) {
                measure(name, learner.seed(draw), images, draw, others);
            }
        }));
        print("| Images | ", calibration);
        out.println();
        print("| Known, unknown | ", rejection);
        return 0;
    }

    private void measure(
            String name, TransferLearner learner, DatasetSplit images, int draw, Map<String, ImageDataset> others) {
        ImageDataset drawn = images.train().shuffle(draw);
        int held = Math.min(heldOut, drawn.size() * 4 / 10);
        ImageDataset known = drawn.select(
                IntStream.range(held, Math.min(drawn.size(), held + training)).toArray());
        try (ImageClassifier fitted = learner.fit(known)) {
            for (NoveltyScore score : NoveltyScore.values()) {
                try (ImageClassifier classifier = fitted.calibrate(drawn.limit(held), known, score)) {
                    List<Prediction> predictions = classifier.predict(images.test());
                    if (score == NoveltyScore.MAHALANOBIS) {
                        figures(name, fitted, classifier, images.test(), predictions);
                        others.forEach((kind, data) -> note(
                                rejection,
                                name + ", " + kind,
                                "AUROC of the probability",
                                auroc(predictions, classifier.predict(data), answer -> 1 - answer.probability())));
                    }
                    others.forEach((kind, data) -> {
                        List<Prediction> answers = classifier.predict(data);
                        String row = name + ", " + kind;
                        note(rejection, row, "AUROC, " + score, auroc(predictions, answers, Prediction::novelty));
                        note(rejection, row, "called known, " + score, part(answers));
                    });
                    note(calibration, name, "known, " + score, part(predictions));
                }
            }
        }
    }

    private void figures(
            String name,
            ImageClassifier fitted,
            ImageClassifier classifier,
            ImageDataset test,
            List<Prediction> predictions) {
        EvaluationReport before = fitted.evaluate(test);
        EvaluationReport after = classifier.evaluate(test);
        note(calibration, name, "accuracy", after.accuracy());
        note(calibration, name, "calibration error before", before.expectedCalibrationError());
        note(calibration, name, "after", after.expectedCalibrationError());
        double covered = 0;
        double size = 0;
        for (int i = 0; i < predictions.size(); i++) {
            List<String> set = predictions.get(i).set(COVERAGE);
            covered += set.contains(test.label(i)) ? 1 : 0;
            size += set.size();
        }
        note(calibration, name, "coverage of 95% sets", covered / predictions.size());
        note(calibration, name, "classes in a set", size / predictions.size() / 100);
        note(
                calibration,
                name,
                "temperature",
                classifier.calibration().orElseThrow().temperature() / 100);
    }

    private static double part(List<Prediction> answers) {
        return answers.stream().filter(Prediction::isKnown).count() / (double) answers.size();
    }

    /** How often an unknown image has the higher score of two; half of the ties. */
    private static double auroc(List<Prediction> known, List<Prediction> others, ToDoubleFunction<Prediction> score) {
        double[] scores = known.stream().mapToDouble(score).sorted().toArray();
        double higher = 0;
        for (Prediction other : others) {
            double own = score.applyAsDouble(other);
            higher += below(scores, own) + (below(scores, Math.nextUp(own)) - below(scores, own)) / 2.0;
        }
        return higher / scores.length / others.size();
    }

    /** How many of ascending values are below a bound. */
    private static int below(double[] ascending, double bound) {
        int low = 0;
        int high = ascending.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] < bound) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Pixels that are anything, in the size of CIFAR-10's. */
    private static ImageDataset noise(int images) {
        SplittableRandom random = new SplittableRandom(0);
        float[] values = new float[images * 3 * 32 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(256);
        }
        INDArray pixels = Nd4j.createFromArray(values).reshape('c', images, 3, 32, 32);
        return ImageDataset.of(pixels, new int[images]);
    }

    private static void note(Map<String, Map<String, List<Double>>> table, String row, String column, double value) {
        table.computeIfAbsent(row, key -> new LinkedHashMap<>())
                .computeIfAbsent(column, key -> new ArrayList<>())
                .add(100 * value);
    }

    private void print(String first, Map<String, Map<String, List<Double>>> table) {
        List<String> columns = List.copyOf(table.values().iterator().next().keySet());
        out.println(first + String.join(" | ", columns) + " |");
        out.println("|---" + "|---".repeat(columns.size()) + "|");
        table.forEach((row, values) -> {
            List<String> cells =
                    columns.stream().map(values::get).map(TrustedAnswers::cell).toList();
            out.println("| " + row + " | " + String.join(" | ", cells) + " |");
        });
    }

    private static String cell(List<Double> values) {
        double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
        double[] squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .toArray();
        double deviation = Math.sqrt(Arrays.stream(squares).sum() / Math.max(1, squares.length - 1));
        return String.format(Locale.ROOT, "%.2f ± %.2f", mean, deviation);
    }
}
