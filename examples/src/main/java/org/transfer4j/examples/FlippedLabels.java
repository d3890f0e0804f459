package org.transfer4j.examples;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.inspection.SuspectLabel;
import picocli.CommandLine;

/**
 * How many wrong labels an inspection finds: some labels of real data are flipped at random, and precision, recall and F1
 * of what is suspect then are printed, means over several seeds. Labels that were wrong before count against it.
 */
@CommandLine.Command(
        name = "FlippedLabels",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Flips labels at random and tells how many of them an inspection finds.")
public final class FlippedLabels implements Callable<Integer> {
    @CommandLine.Mixin
    private Tasks tasks = new Tasks();

    @CommandLine.Option(names = "--backbone", description = "${COMPLETION-CANDIDATES}")
    private FewLabels.Network backbone = FewLabels.Network.TINY_VGG;

    @CommandLine.Option(names = "--side", description = "height and width of the images")
    private int side = 64;

    @CommandLine.Option(names = "--flipped", description = "the part of the labels that is flipped")
    private double flipped = 0.05;

    @CommandLine.Option(names = "--seeds", converter = Options.Count.class, description = "how many times")
    private int seeds = 5;

    @CommandLine.Option(names = "--test-images", description = "take the test images, which no backbone has seen")
    private boolean testImages;

    private final PrintStream out;

    private FlippedLabels(PrintStream out) {
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
        return Options.run(new FlippedLabels(out), args);
    }

    /** Of what is suspect. */
    private record Score(double precision, double recall) {
        double f1() {
            return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
        }
    }

    @Override
    public Integer call() {
        out.println("| Data | images | precision | recall | F1 | F1 of each seed |");
        out.println("|---|---|---|---|---|---|");
        tasks.load().forEach((name, parts) -> {
            ImageDataset data = testImages ? parts.test() : parts.train();
            TransferLearner learner = backbone.learner().inputSize(side, side);
            try (INDArray features = learner.embeddings(data)) {
                List<Score> scores = IntStream.range(0, seeds)
                        .mapToObj(seed -> score(data, features, seed))
                        .toList();
                out.printf(
                        Locale.ROOT,
                        "| %s | %d | %.3f | %.3f | %.3f | %s |%n",
                        name,
                        data.size(),
                        scores.stream().mapToDouble(Score::precision).average().orElseThrow(),
                        scores.stream().mapToDouble(Score::recall).average().orElseThrow(),
                        scores.stream().mapToDouble(Score::f1).average().orElseThrow(),
                        scores.stream()
                                .map(score -> String.format(Locale.ROOT, "%.3f", score.f1()))
                                .collect(Collectors.joining(" ")));
            }
        });
        return 0;
    }

    /** The features don't depend on labels, so they are computed but once. */
    private Score score(ImageDataset data, INDArray features, int seed) {
        Random random = new Random(seed);
        int classes = data.classNames().size();
        List<String> labels = new ArrayList<>(
                IntStream.range(0, data.size()).mapToObj(data::label).toList());
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, data.size()).boxed().toList());
        Collections.shuffle(order, random);
        Set<Integer> wrong = new HashSet<>(order.subList(0, (int) Math.round(flipped * data.size())));
        wrong.forEach(i ->
                labels.set(i, data.classNames().get((data.classIndex(i) + 1 + random.nextInt(classes - 1)) % classes)));
        // what images look like plays no part here: each is one pixel
        ImageDataset flippedData = ImageDataset.of(Nd4j.arange(data.size()).reshape(data.size(), 1, 1, 1), labels);
        Set<Integer> suspect = DatasetInspection.of(chosen -> features.dup(), flippedData).suspectLabels().stream()
                .map(SuspectLabel::index)
                .collect(Collectors.toSet());
        long right = suspect.stream().filter(wrong::contains).count();
        return new Score((double) right / Math.max(1, suspect.size()), (double) right / wrong.size());
    }
}
