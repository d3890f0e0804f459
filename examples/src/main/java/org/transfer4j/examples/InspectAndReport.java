package org.transfer4j.examples;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.Explainer;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.BrokenImages;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.inspection.SuspectLabel;
import picocli.CommandLine;

/**
 * Inspects a messy folder and learns from what is sound of it. The folder is made of handwritten digits that ship with the
 * library, into which faults of each kind are planted; {@code --folder} inspects one's own.
 */
@CommandLine.Command(
        name = "InspectAndReport",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Inspects a folder of images, writes a page about it, and learns from what is sound.")
public final class InspectAndReport implements Callable<Integer> {
    private static final int SEED = 42;
    private static final int HALF_FILES = 3;
    private static final int COPIES = 5;
    private static final String MOVED = "moved-";

    @CommandLine.Option(
            names = "--folder",
            description = "a folder with a sub-folder for each class, in place of digits")
    private Path folder = Path.of("");

    @CommandLine.Option(names = "--limit", converter = Options.Count.class, description = "take only so many digits")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--moved", description = "the part of the digits that is put under a wrong label")
    private double moved = 0.05;

    @CommandLine.Option(names = "--side", description = "height and width of the images for the network")
    private int side = 64;

    @CommandLine.Option(names = "--page", converter = Options.NewFile.class, description = "where the page goes")
    private Path page = Path.of("inspection.html");

    @CommandLine.Option(
            names = "--report",
            converter = Options.NewFile.class,
            description =
                    "where the evaluation of what was learned from the sound images goes, with what the network looks at")
    private Path report = Path.of("report.html");

    private final PrintStream out;

    private InspectAndReport(PrintStream out) {
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
        return Options.run(new InspectAndReport(out), args);
    }

    @Override
    public Integer call() {
        Tasks.withFolder(temporary -> {
            FeatureCache cache = FeatureCache.in(temporary.resolve("features"));
            if (!folder.toString().isEmpty()) {
                inspect(folder, cache);
                return;
            }
            Path digits = temporary.resolve("digits");
            try {
                plant(digits);
            } catch (IOException e) {
                throw new UncheckedIOException("can't write the digits: " + e.getMessage(), e);
            }
            inspect(digits, cache);
        });
        return 0;
    }

    private void inspect(Path root, FeatureCache cache) {
        ImageDataset photos = ImageDataset.folder(root, BrokenImages.SKIP);
        DatasetSplit split = photos.split(0.8, SEED);
        TransferLearner learner =
                TransferLearner.tinyVgg().inputSize(side, side).featureCache(cache);

        DatasetInspection inspection = DatasetInspection.of(learner, split);
        out.print(inspection);
        inspection.html(page);
        out.println("page: " + page);
        tellOfMoved(inspection, split);

        ImageDataset sound = split.train().select(inspection.soundImages());
        out.printf(
                Locale.ROOT,
                "learned from all %d training images: accuracy %.4f%n",
                split.train().size(),
                accuracy(learner, split.train(), split.test()));
        double accuracy = report(learner, sound, split.test(), inspection);
        out.printf(Locale.ROOT, "learned from the %d sound ones:       accuracy %.4f%n", sound.size(), accuracy);
        out.println("report: " + report);
    }

    private double report(
            TransferLearner learner, ImageDataset train, ImageDataset test, DatasetInspection inspection) {
        try (ImageClassifier classifier = learner.probe(train)) {
            EvaluationReport evaluation = classifier.evaluate(test);
            Explainer explainer = classifier.explainer();
            evaluation
                    .with(inspection)
                    .withHeatMaps(i -> explainer.explain(test.image(i)).overlay())
                    .html(report);
            return evaluation.accuracy();
        }
    }

    private static double accuracy(TransferLearner learner, ImageDataset train, ImageDataset test) {
        try (ImageClassifier classifier = learner.probe(train)) {
            return classifier.evaluate(test).accuracy();
        }
    }

    /** How many of those that were moved were found, by their names. */
    private void tellOfMoved(DatasetInspection inspection, DatasetSplit split) {
        long all = 0;
        for (ImageDataset part : new ImageDataset[] {split.train(), split.test()}) {
            for (int i = 0; i < part.size(); i++) {
                all += part.sourceOf(i).contains(MOVED) ? 1 : 0;
            }
        }
        long found = inspection.suspectLabels().stream()
                .map(SuspectLabel::image)
                .filter(image -> image.image().contains(MOVED))
                .count();
        if (all > 0) {
            out.printf(
                    Locale.ROOT,
                    "of %d digits under a wrong label %d were found, among %d suspects%n",
                    all,
                    found,
                    inspection.suspectLabels().size());
        }
    }

    /** The digits as files, and what is wrong with them. */
    private void plant(Path root) throws IOException {
        ImageDataset digits = SampleDatasets.digits().shuffle(SEED).limit(limit);
        Random random = new Random(SEED);
        for (int i = 0; i < digits.size(); i++) {
            int label = digits.classIndex(i);
            boolean wrong = random.nextDouble() < moved;
            int place = wrong ? (label + 1 + random.nextInt(9)) % 10 : label;
            write(root, Integer.toString(place), (wrong ? MOVED : "digit-") + i + ".png", picture(digits.image(i)));
        }
        for (int i = 0; i < COPIES; i++) {
            // once more, and once more under another label
            BufferedImage digit = picture(digits.image(i));
            write(root, digits.label(i), "copy-" + i + ".png", digit);
            write(root, Integer.toString((digits.classIndex(i) + 1) % 10), "other-label-" + i + ".png", digit);
            // with a blank before it, it is another class
            write(root, " 9", "nine-" + i + ".png", larger(digit));
        }
        for (int i = 0; i < HALF_FILES; i++) {
            Path whole = write(root, "0", "half-" + i + ".png", larger(larger(picture(digits.image(i)))));
            byte[] bytes = Files.readAllBytes(whole);
            Files.write(whole, Arrays.copyOf(bytes, bytes.length / 2));
        }
        write(root, "1", "blank.png", new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY));
        BufferedImage noise = new BufferedImage(64, 12, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 12; i++) {
            noise.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
        }
        write(root, "2", "noise.png", noise);
        Files.writeString(root.resolve("3").resolve("notes.png"), "not an image");
        out.println("planted into " + new TreeSet<>(digits.classNames()));
    }

    private static Path write(Path root, String label, String name, BufferedImage image) throws IOException {
        Path file = Files.createDirectories(root.resolve(label)).resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    /** Of [1, 1, H, W], 0..255. */
    private static BufferedImage picture(INDArray digit) {
        int side = (int) digit.size(3);
        BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < side * side; i++) {
            picture.getRaster().setSample(i % side, i / side, 0, digit.getInt(0, 0, i / side, i % side));
        }
        return picture;
    }

    private static BufferedImage larger(BufferedImage image) {
        BufferedImage larger =
                new BufferedImage(2 * image.getWidth(), 2 * image.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D graphics = larger.createGraphics();
        graphics.drawImage(image, 0, 0, larger.getWidth(), larger.getHeight(), null);
        graphics.dispose();
        return larger;
    }
}
