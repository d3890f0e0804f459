package org.transfer4j.examples;

import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.AffineTransformOp;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageRegressor;
import org.transfer4j.RegressionPrediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.dataset.RegressionSplit;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.training.Loss;
import picocli.CommandLine;

/** A number in the place of a class: by how many degrees a handwritten digit was turned, whichever digit it is. */
@CommandLine.Command(
        name = "RotatedDigits",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Turns handwritten digits by angles that are drawn at random, and learns to tell the angles.")
public final class RotatedDigits implements Callable<Integer> {
    private static final int SIDE = 32;

    /** What a training makes small. */
    enum Losses {
        SQUARED,
        ABSOLUTE,
        HUBER;

        Loss loss() {
            return switch (this) {
                case SQUARED -> Loss.meanSquaredError();
                case ABSOLUTE -> Loss.meanAbsoluteError();
                case HUBER -> Loss.huber(1);
            };
        }
    }

    @CommandLine.Option(names = "--degrees", description = "angles are drawn from minus to plus so many")
    private double degrees = 45;

    @CommandLine.Option(
            names = "--limit",
            converter = Options.Count.class,
            description = "take only so many training images")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--loss", description = "one of ${COMPLETION-CANDIDATES}")
    private Losses loss = Losses.SQUARED;

    @CommandLine.Option(names = "--freeze-up-to", description = "train the layers above this one as well")
    private @Nullable String freezeUpTo;

    @CommandLine.Option(
            names = "--epochs",
            converter = Options.Count.class,
            description = "default: the library's own choice")
    private @Nullable Integer epochs;

    @CommandLine.Option(names = "--seed", description = "of angles, split and training")
    private long seed = 42;

    @CommandLine.Option(
            names = "--report",
            converter = Options.NewFile.class,
            description = "write the evaluation as a page of HTML")
    private @Nullable Path page;

    @CommandLine.Option(names = "--model", converter = Options.NewFile.class, description = "save the regressor here")
    private @Nullable Path model;

    private final PrintStream out;

    private RotatedDigits(PrintStream out) {
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
        return Options.run(new RotatedDigits(out), args);
    }

    @Override
    public Integer call() {
        RegressionSplit images = turned(SampleDatasets.digits()).split(0.8, seed);
        RegressionDataset train = images.train().limit(limit);
        RegressionDataset test = images.test();
        out.println("learns from " + train);

        TransferLearner learner = TransferLearner.tinyResNet().loss(loss.loss()).seed(seed);
        learner = epochs == null ? learner : learner.epochs(epochs);
        learner = freezeUpTo == null ? learner : learner.freezeUpTo(freezeUpTo);
        try (ImageRegressor regressor = learner.fit(train)) {
            RegressionReport report = regressor.evaluate(test);
            out.println(report);
            out.println("mean absolute error in degrees, 95% interval: "
                    + report.interval(RegressionReport::meanAbsoluteError));
            out.println(String.format(
                    Locale.ROOT,
                    "who always says the mean of the training angles is off by %.4f",
                    byMean(train, test)));
            List<RegressionPrediction> predictions =
                    regressor.predict(test.limit(10).images());
            for (int i = 0; i < predictions.size(); i++) {
                out.println(String.format(
                        Locale.ROOT,
                        "turned by %6.1f degrees, predicted %6.1f",
                        test.targets(i)[0],
                        predictions.get(i).value()));
            }
            if (page != null) {
                report.html(page);
                out.println("report: " + page);
            }
            if (model != null) {
                regressor.save(model);
                out.println("saved as " + model);
            }
        }
        return 0;
    }

    private static double byMean(RegressionDataset train, RegressionDataset test) {
        double mean = IntStream.range(0, train.size())
                .mapToDouble(i -> train.targets(i)[0])
                .average()
                .orElseThrow();
        return IntStream.range(0, test.size())
                .mapToDouble(i -> Math.abs(test.targets(i)[0] - mean))
                .average()
                .orElseThrow();
    }

    /** The digits, enlarged, each by an angle of its own, clockwise. */
    private RegressionDataset turned(ImageDataset digits) {
        Random random = new Random(seed);
        double[] angles = new double[digits.size()];
        float[] pixels = new float[angles.length * SIDE * SIDE];
        for (int i = 0; i < angles.length; i++) {
            angles[i] = degrees * (2 * random.nextDouble() - 1);
            WritableRaster turned = turned(gray(digits.image(i)), angles[i]).getRaster();
            for (int place = 0; place < SIDE * SIDE; place++) {
                pixels[i * SIDE * SIDE + place] = turned.getSample(place % SIDE, place / SIDE, 0);
            }
        }
        INDArray images = Nd4j.create(pixels, new long[] {angles.length, 1, SIDE, SIDE}, 'c');
        return RegressionDataset.of(images, angles).named("angle");
    }

    private static BufferedImage gray(INDArray digit) {
        int side = (int) digit.size(2);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                image.getRaster().setSample(x, y, 0, digit.getInt(0, 0, y, x));
            }
        }
        return image;
    }

    private static BufferedImage turned(BufferedImage digit, double angle) {
        // a margin, so that no corner is lost
        double scale = SIDE / 1.3 / digit.getWidth();
        AffineTransform turning = AffineTransform.getTranslateInstance(SIDE / 2.0, SIDE / 2.0);
        turning.rotate(Math.toRadians(angle));
        turning.scale(scale, scale);
        turning.translate(-digit.getWidth() / 2.0, -digit.getHeight() / 2.0);
        RenderingHints smooth =
                new RenderingHints(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        BufferedImage turned = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        return new AffineTransformOp(turning, smooth).filter(digit, turned);
    }
}
