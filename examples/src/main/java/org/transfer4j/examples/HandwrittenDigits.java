package org.transfer4j.examples;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.FashionMnist;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.Mnist;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.GrayToRgbResizer;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TerminalProgress;
import picocli.CommandLine;

/**
 * A whole transfer of learning, as in the Keras notebook that this library began with: handwritten digits, made RGB and
 * resized, through frozen layers to a softmax layer, trained, evaluated, saved, loaded and used.
 *
 * <p>Without options it runs in seconds and without a network: 1,797 digits that ship with the library, at 32x32,
 * through the small pretrained VGG that ships with it as well. The notebook's own job is
 *
 * <pre>{@code
 * --data mnist --backbone vgg16 --unit --sgd --epochs 200 --batch 128
 * }</pre>
 */
@CommandLine.Command(
        name = "HandwrittenDigits",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Trains a classifier of digits on a frozen network, evaluates, saves, loads and uses it.")
public final class HandwrittenDigits implements Callable<Integer> {
    /** The images to learn from. */
    enum Data {
        /** 1,797 digits that ship with the library. */
        DIGITS,
        /** MNIST: 70,000 digits. */
        MNIST,
        /** Fashion-MNIST: 70,000 pieces of clothing. */
        FASHION_MNIST
    }

    /** The network to transfer from. */
    enum Network {
        /** The small VGG that ships with the library, trained on CIFAR-10. */
        TINYVGG,
        /** VGG16, whose weights, trained on ImageNet, are fetched. */
        VGG16;

        Backbone backbone() {
            return switch (this) {
                case TINYVGG -> Backbone.tinyVgg();
                case VGG16 -> Backbone.vgg16();
            };
        }
    }

    @CommandLine.Option(names = "--data", description = "${COMPLETION-CANDIDATES}")
    private Data data = Data.DIGITS;

    @CommandLine.Option(
            names = "--folder",
            description = "the folder with the IDX files of MNIST or Fashion-MNIST; fetched if not given")
    private @Nullable Path folder;

    @CommandLine.Option(
            names = "--limit",
            converter = Options.Count.class,
            description = "take only so many training images")
    private int limit = Integer.MAX_VALUE;

    @CommandLine.Option(names = "--backbone", description = "${COMPLETION-CANDIDATES}")
    private Network backbone = Network.TINYVGG;

    @CommandLine.Option(
            names = "--blocks",
            defaultValue = CommandLine.Option.NULL_VALUE,
            description = "how many of the backbone's blocks; default: all")
    private @Nullable Integer blocks;

    @CommandLine.Option(names = "--weights", description = "pretrained, random, or a file of weights")
    private String weights = "pretrained";

    @CommandLine.Option(
            names = "--size",
            defaultValue = CommandLine.Option.NULL_VALUE,
            description = "the images' height and width in pixels; default: the backbone's own")
    private @Nullable Integer size;

    @CommandLine.Option(
            names = "--unit",
            description =
                    "divide pixels by 255 and no more, as the notebook does, instead of what is done to the images"
                            + " that the backbone's weights were trained with")
    private boolean unit;

    @CommandLine.Option(names = "--precision", description = "of the frozen layers: ${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(
            names = "--sgd",
            description = "the notebook's optimizer, SGD(0.05) with decay 1e-5, instead of Adam(1e-3)")
    private boolean sgd;

    @CommandLine.Option(names = "--epochs", converter = Options.Count.class)
    private int epochs = 20;

    @CommandLine.Option(names = "--batch", converter = Options.Count.class, description = "images an update")
    private int batch = 128;

    @CommandLine.Option(
            names = "--model",
            converter = Options.NewFile.class,
            description = "where to save the classifier")
    private Path model = Path.of("digits.t4j");

    private final PrintStream out;

    private HandwrittenDigits(PrintStream out) {
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
        return Options.run(new HandwrittenDigits(out), args);
    }

    @Override
    public Integer call() {
        heading("Load");
        DatasetSplit images = load();
        ImageDataset train = images.train().limit(limit);
        ImageDataset test = images.test();
        out.println("training images: " + train);
        out.println("test images:     " + test);

        heading("Look at the data");
        look(train);

        heading("Preprocess");
        TransferLearner learner = learner().validation(test);
        preprocess(train);

        heading("Network");
        out.println(learner.head(train.classNames().size()).summary());
        if (weights.equals("random")) {
            out.println("Note: the frozen layers have RANDOM weights, nothing here is pretrained.");
        }

        heading("Fit");
        try (ImageClassifier classifier = learner.fit(train)) {
            heading("Evaluate");
            out.println(classifier.evaluate(test));

            heading("Predict");
            List<Prediction> predictions = classifier.predict(test.limit(10));
            for (int i = 0; i < predictions.size(); i++) {
                out.println(test.label(i) + " is taken for " + predictions.get(i));
            }

            heading("Save and load");
            classifier.save(model);
            out.println("saved to " + model.toAbsolutePath());
            try (ImageClassifier loaded = ImageClassifier.load(model)) {
                boolean same = sameProbabilities(predictions, loaded.predict(test.limit(10)));
                out.println("loaded again; its predictions are " + (same ? "the same" : "DIFFERENT"));
                return same ? 0 : 1;
            }
        }
    }

    private DatasetSplit load() {
        return switch (data) {
            case DIGITS -> SampleDatasets.digits().split(0.8, 42);
            case MNIST -> folder == null ? Mnist.fetched() : Mnist.folder(folder);
            case FASHION_MNIST -> folder == null ? FashionMnist.fetched() : FashionMnist.folder(folder);
        };
    }

    /** How many images a class has, what an image looks like, whether pixels are missing, which are not zero. */
    private void look(ImageDataset images) {
        int[] counts = images.classCounts();
        for (int i = 0; i < counts.length; i++) {
            out.println("class " + images.classNames().get(i) + ": " + counts[i] + " images");
        }
        INDArray first = images.image(0);
        out.println("first image: shape " + Arrays.toString(first.shape()) + ", label " + images.label(0));
        INDArray missing = first.dup();
        BooleanIndexing.replaceWhere(missing, -1, Conditions.isNan());
        out.println("missing pixels: "
                + missing.lt(0).castTo(first.dataType()).sumNumber().intValue());
        out.println("pixels that are not zero: "
                + first.gt(0).castTo(first.dataType()).sumNumber().intValue() + " of " + first.length());
        printAsText(first);
    }

    private void printAsText(INDArray image) {
        String shades = " .:-=+*#%@";
        for (int row = 0; row < image.size(2); row++) {
            StringBuilder line = new StringBuilder("    ");
            for (int column = 0; column < image.size(3); column++) {
                char shade = shades.charAt((int) (image.getFloat(0, 0, row, column) * (shades.length() - 1) / 255));
                line.append(shade).append(shade);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /** What {@code fit} does to each image and label on its way, shown on the first. */
    private void preprocess(ImageDataset images) {
        INDArray rgb = new GrayToRgbResizer(height(), width()).apply(images.image(0));
        INDArray scaled = preprocessing().apply(rgb);
        out.println("gray to RGB and resized: " + Arrays.toString(rgb.shape()));
        out.println(String.format(
                Locale.ROOT,
                "%s: values %.3f to %.3f",
                preprocessing(),
                scaled.minNumber().floatValue(),
                scaled.maxNumber().floatValue()));
        OneHotLabelEncoder encoder = OneHotLabelEncoder.ofClassNames(images.classNames());
        out.println("label " + images.label(0) + " one-hot: " + encoder.encode(List.of(images.label(0))));
    }

    private TransferLearner learner() {
        Backbone all = backbone.backbone();
        return TransferLearner.of(blocks == null ? all : all.upTo("block" + blocks + "_pool"))
                .weights(weights())
                .inputSize(height(), width())
                .preprocessing(preprocessing())
                .freezeAll()
                .precision(precision)
                .optimizer(sgd ? Optimizer.sgd(0.05).decay(1e-5) : Optimizer.adam(1e-3))
                .epochs(epochs)
                .batchSize(batch)
                .listener(new TerminalProgress());
    }

    private int height() {
        return size == null ? backbone.backbone().inputHeight() : size;
    }

    private int width() {
        return size == null ? backbone.backbone().inputWidth() : size;
    }

    private ImagePreprocessing preprocessing() {
        return unit ? ImagePreprocessing.unit() : backbone.backbone().preprocessing();
    }

    private Weights weights() {
        return switch (weights) {
            case "random" -> Weights.random();
            case "pretrained" -> Weights.pretrained();
            default -> Weights.file(Path.of(weights));
        };
    }

    private static boolean sameProbabilities(List<Prediction> some, List<Prediction> others) {
        for (int i = 0; i < some.size(); i++) {
            if (!some.get(i).top(Integer.MAX_VALUE).equals(others.get(i).top(Integer.MAX_VALUE))) {
                return false;
            }
        }
        return some.size() == others.size();
    }

    private void heading(String text) {
        out.println();
        out.println("== " + text);
    }
}
