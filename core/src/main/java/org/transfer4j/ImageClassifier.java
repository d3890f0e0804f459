package org.transfer4j;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.inspection.ImageEmbedding;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.choose.LabelLoop;
import org.transfer4j.internal.evaluate.Calibrating;
import org.transfer4j.internal.evaluate.Evaluation;
import org.transfer4j.internal.evaluate.TrainingImages;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Explaining;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.preprocessing.Views;
import org.transfer4j.similarity.FeatureIndex;
import org.transfer4j.similarity.Neighbour;

/**
 * A trained classifier: weights, preprocessing and class names, all that a prediction needs. Comes from
 * {@link TransferLearner#fit(ImageDataset)} or {@link #load(Path)}. Several can predict as one: {@link ClassifierEnsemble}.
 */
public final class ImageClassifier extends FittedModel<Prediction> implements ImageEmbedding {
    private final FittedNetwork network;

    ImageClassifier(Fitted fitted) {
        super(fitted, "classifier");
        this.network = fitted.network();
    }

    @Override
    Prediction prediction(Answer answer) {
        return new Prediction(network.classNames(), answer, inference.kind(), fitted.calibration());
    }

    /** What was fitted, for one owner more. */
    Fitted shared() {
        return lifetime.whileOpen(fitted::shared);
    }

    /**
     * Shows where in an image file this classifier finds what speaks for the class that it predicts: {@code
     * explainer().explain(image)}.
     *
     * @param image a JPEG, PNG or BMP file
     * @return the explanation, by Grad-CAM at the last feature map
     * @throws UnsupportedOperationException if the network has no feature map, or its gradient is not known
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     * @throws java.io.UncheckedIOException if the file can't be read
     */
    public Explanation explain(Path image) {
        Objects.requireNonNull(image, "image");
        return explainer().explain(image);
    }

    /**
     * Explains predictions, with a choice of class, layer and method.
     *
     * @return an explainer, which works until this classifier is closed
     */
    public Explainer explainer() {
        return lifetime.whileOpen(() -> new Explainer(new Explaining(network, inference), lifetime));
    }

    /**
     * The images to label next: those of which this classifier is uncertain, unlike each other. What the frozen layers make of
     * the images is grouped into as many clusters as are asked for, 500 at most, in which an image counts by one minus the margin
     * between its two largest probabilities (F. Zhdanov, "Diverse mini-batch Active Learning", 2019); of each, the image
     * is taken that has the most of it for its distance from its twenty nearest neighbours.
     *
     * @param pool the images without those that are labelled; labels are not used, nor need they be right
     * @param count how many are wanted
     * @return their numbers in the pool, in the order in which they should be labelled; the same each time
     * @throws IllegalArgumentException if the count is not 1 to the size of the pool, nothing of the network is frozen, or this
     *     classifier gives each image several labels
     * @throws org.transfer4j.error.TransferException if the pool is empty, or an image can't be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     * @see TransferLearner#nextToLabel
     */
    public int[] nextToLabel(ImageDataset pool, int count) {
        Objects.requireNonNull(pool, "pool");
        return lifetime.cancellable(
                "the choice of images to label",
                () -> LabelLoop.next(fitted, inference, pool, count, Optional.empty()));
    }

    /**
     * The images to label next: with fewer than five labels a class on the average, typical ones that are unlike the labelled
     * ones and each other, as by {@link TransferLearner#nextToLabel}, of as many clusters as there will be labels; later those of
     * which this classifier is uncertain, as by {@link #nextToLabel(ImageDataset, int)}.
     *
     * <pre>{@code
     * ImageDataset labelled = photos.select(mine);                   // grows from round to round
     * try (ImageClassifier classifier = learner.probe(labelled)) {
     *     int[] next = classifier.nextToLabel(pool, 20, labelled);   // pool: photos without a label
     * }
     * }</pre>
     *
     * @param pool as {@link #nextToLabel(ImageDataset, int)}
     * @param count how many are wanted
     * @param labelled the images that it has learned from
     * @return their numbers in the pool, in the order in which they should be labelled; the same each time
     * @throws IllegalArgumentException as {@link #nextToLabel(ImageDataset, int)}
     * @throws org.transfer4j.error.TransferException as {@link #nextToLabel(ImageDataset, int)}
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public int[] nextToLabel(ImageDataset pool, int count, ImageDataset labelled) {
        Objects.requireNonNull(pool, "pool");
        Objects.requireNonNull(labelled, "labelled");
        return lifetime.cancellable(
                "the choice of images to label",
                () -> LabelLoop.next(fitted, inference, pool, count, Optional.of(labelled)));
    }

    /**
     * One vector an image: what the head reads of the backbone, averaged over positions or flat as the head begins, whatever was
     * frozen. What {@link FeatureIndex} compares images by.
     *
     * @param data 1 image or more; labels are not used
     * @return [N, features] in the order of the data, float; all are in memory at once
     * @throws DatasetException if the data is empty
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    @Override
    public INDArray embeddings(ImageDataset data) {
        Objects.requireNonNull(data, "data");
        return lifetime.cancellable("the computation of features", () -> inference.embeddings(data));
    }

    /**
     * How many features {@link #embeddings} gives of an image.
     *
     * @return 1 or more
     */
    @Override
    public OptionalLong embeddingWidth() {
        return OptionalLong.of(lifetime.whileOpen(inference::embeddingWidth));
    }

    /**
     * What tells {@link #embeddings} from those of other networks.
     *
     * @return 64 hexadecimal digits
     */
    @Override
    public Optional<String> embeddingDigest() {
        return Optional.of(lifetime.whileOpen(inference::embeddingDigest));
    }

    /**
     * Finds the images of an index that this network takes for most like an image.
     *
     * @param image a JPEG, PNG or BMP file, read as {@link #predict(Path)} does
     * @param index {@code FeatureIndex.of(classifier, photos)} of this classifier, or of a learner with the same network and
     *     weights
     * @param count how many are wanted, 1 or more
     * @return the most like first; all where there are fewer
     * @throws IllegalArgumentException if the index was made by other weights, image size or preprocessing, or has images of
     *     another number of features, or the count is below 1
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     * @throws java.io.UncheckedIOException if the file can't be read
     */
    public List<Neighbour> nearest(Path image, FeatureIndex index, int count) {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(index, "index");
        return nearest(() -> ImageDecoder.decode(image), index, count);
    }

    /**
     * Finds the images that are most like one in Java's memory, as {@link #nearest(Path, FeatureIndex, int)} does.
     *
     * @param image as {@link #predict(BufferedImage)} takes it
     * @param index as there
     * @param count as there
     * @return the most like first
     */
    public List<Neighbour> nearest(BufferedImage image, FeatureIndex index, int count) {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(index, "index");
        return nearest(() -> DecodedImage.of(image, ImageOrigin.UNNAMED), index, count);
    }

    private List<Neighbour> nearest(Supplier<? extends DecodedImage> image, FeatureIndex index, int count) {
        index.requireMadeBy(this);
        return lifetime.whileOpen(() -> {
            try (INDArray vector = inference.embedding(image.get())) {
                return index.nearest(vector, count).get(0);
            }
        });
    }

    /**
     * Compares predictions with the labels of a dataset. Classes are matched by name; the dataset need not have all.
     *
     * @param data labelled images
     * @return the figures
     * @throws DatasetException if the data is empty or has a class that was not learned
     * @throws IllegalArgumentException if this classifier was trained for several labels an image
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public EvaluationReport evaluate(ImageDataset data) {
        return evaluate(data, Views.none());
    }

    /**
     * Compares predictions from several views of each image with the labels of a dataset.
     *
     * @param data labelled images
     * @param views how they are looked at, as in {@link #predict(ImageDataset, Views)}
     * @return the figures
     * @throws DatasetException as {@link #evaluate(ImageDataset)}
     * @throws IllegalArgumentException as there
     * @throws java.util.concurrent.CancellationException as there
     */
    public EvaluationReport evaluate(ImageDataset data, Views views) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(views, "views");
        return lifetime.cancellable(
                "the evaluation", () -> Evaluation.of(inference, data, views).with(fitted.card(views)));
    }

    /**
     * Compares predictions with the labels of a dataset whose images may have several. Classes are matched by name; the
     * dataset need not have all.
     *
     * @param data labelled images
     * @return the figures, at the threshold one half, or at the {@linkplain #calibrate(MultiLabelDataset) tuned} ones
     * @throws DatasetException if the data has a class that was not learned
     * @throws IllegalArgumentException if this classifier was trained for one label an image
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public MultiLabelReport evaluate(MultiLabelDataset data) {
        return evaluate(data, Views.none());
    }

    /**
     * Compares predictions from several views of each image with the labels of a dataset whose images may have several.
     *
     * @param data labelled images
     * @param views how they are looked at, as in {@link #predict(ImageDataset, Views)}
     * @return the figures, at the thresholds of {@link #evaluate(MultiLabelDataset)}
     * @throws DatasetException as there
     * @throws IllegalArgumentException as there
     * @throws java.util.concurrent.CancellationException as there
     */
    public MultiLabelReport evaluate(MultiLabelDataset data, Views views) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(views, "views");
        return lifetime.cancellable(
                "the evaluation",
                () -> Evaluation.of(inference, data, views, fitted.calibration().thresholds())
                        .with(fitted.card(views)));
    }

    /**
     * Learns from images that were not trained on how far the probabilities can be trusted. The classifier that is returned
     * predicts the same classes with probabilities that are as high as predictions are right (temperature scaling: the
     * inputs of the softmax are divided by one number), and its predictions have {@linkplain Prediction#set sets} of classes
     * that have the actual one among them as often as wanted. It evaluates, {@linkplain #save saves} and {@linkplain
     * #exportOnnx exports} what it has learned; a {@link #learner() further training} begins without.
     *
     * <pre>{@code
     * try (ImageClassifier fitted = learner.fit(split.train());
     *         ImageClassifier classifier = fitted.calibrate(split.test())) {
     *     System.out.println(classifier.predict(photo).set(0.95));     // such as [cat, lynx]
     * }
     * }</pre>
     *
     * <p>A quarter of the images, drawn at random but always alike, gives the temperature, the others give the sets. What
     * both promise holds for new images that are drawn as these were, and best where there are 1,000 or more. The images
     * must be used for nothing else: those of the training, or of its validation where the best epoch was chosen by them,
     * make the classifier look better than it is, and an evaluation on the images of the calibration is too kind.
     *
     * @param heldOut 25 labelled images or more, of 2 classes or more
     * @return another classifier, to be closed as well. It shares the weights with this one, which stays as it is and may be
     *     closed before it; their memory is freed when both are closed
     * @throws DatasetException if the images are too few, of one class alone, or of a class that was not learned
     * @throws IllegalArgumentException if this classifier was trained for several labels an image
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(ImageDataset heldOut) {
        return calibrated(heldOut, null);
    }

    /**
     * The same as {@link #calibrate(ImageDataset)}, and learns to tell {@linkplain Prediction#isKnown() images that are unlike
     * the training images}, by {@link NoveltyScore#MAHALANOBIS}.
     *
     * @param heldOut 25 labelled images or more, of 2 classes or more; they say how unlike the training images known ones may
     *     be
     * @param training the labelled images that this classifier was trained on: their features are not held-out images', where
     *     they were learned from, and there are more of them. At most 10,000 are looked at, evenly of all classes
     * @return another classifier, to be closed as well
     * @throws DatasetException if the images are too few, of one class alone, or of a class that was not learned
     * @throws IllegalArgumentException if this classifier was trained for several labels an image, or nothing of its network is
     *     frozen: images are compared by what the frozen layers make of them
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(ImageDataset heldOut, ImageDataset training) {
        return calibrate(heldOut, training, NoveltyScore.MAHALANOBIS);
    }

    /**
     * The same as {@link #calibrate(ImageDataset, ImageDataset)}, with a choice of how images are compared.
     *
     * @param heldOut as there
     * @param training as there
     * @param score how they are compared
     * @return another classifier, to be closed as well
     * @throws DatasetException as there
     * @throws IllegalArgumentException as there
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(ImageDataset heldOut, ImageDataset training, NoveltyScore score) {
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(score, "score");
        return calibrated(heldOut, new TrainingImages(training, score));
    }

    private ImageClassifier calibrated(ImageDataset heldOut, @Nullable TrainingImages training) {
        Objects.requireNonNull(heldOut, "heldOut");
        return lifetime.cancellable(
                "the calibration", () -> new ImageClassifier(Calibrating.run(fitted, heldOut, training)));
    }

    /**
     * Learns from images that were not trained on above which probability an image is given each of several labels: the
     * threshold of the highest F1. {@link Prediction#labels()} of the classifier that is returned, and its evaluation, go by
     * them; they are saved with it, and are in the metadata of an ONNX model.
     *
     * @param heldOut labelled images, best with 50 or more of each label; one without any keeps one half, of which the log
     *     warns
     * @return another classifier, to be closed as well; it shares the weights with this one, as in
     *     {@link #calibrate(ImageDataset)}
     * @throws DatasetException if no image has a label, or one has a label that was not learned
     * @throws IllegalArgumentException if this classifier was trained for one label an image
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(MultiLabelDataset heldOut) {
        return tuned(heldOut, OptionalDouble.empty(), null);
    }

    /**
     * The same as {@link #calibrate(MultiLabelDataset)} for a wanted precision: the threshold of each label is the one with which
     * most images get it that have it, and of those that get it so large a part has it. Where no threshold does, the log warns
     * and the most precise one is taken.
     *
     * @param heldOut as there
     * @param precision above 0, at most 1
     * @return another classifier, to be closed as well
     * @throws DatasetException as there
     * @throws IllegalArgumentException as there, or if the precision is out of its range
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(MultiLabelDataset heldOut, double precision) {
        return tuned(heldOut, OptionalDouble.of(precision), null);
    }

    /**
     * The same as {@link #calibrate(MultiLabelDataset)}, and learns to tell {@linkplain Prediction#isKnown() images that are
     * unlike the training images}, by {@link NoveltyScore#MAHALANOBIS}. Images have no class to be near to here: the distance is
     * from the mean of all.
     *
     * @param heldOut as there; they say how unlike the training images known ones may be
     * @param training 2 images or more that this classifier was trained on, whose labels have no part in it; 10,000 are looked at
     * @return another classifier, to be closed as well
     * @throws DatasetException as there, or if the training images are too few
     * @throws IllegalArgumentException as there, or if nothing of its network is frozen
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(MultiLabelDataset heldOut, MultiLabelDataset training) {
        return calibrate(heldOut, training, NoveltyScore.MAHALANOBIS);
    }

    /**
     * The same as {@link #calibrate(MultiLabelDataset, MultiLabelDataset)}, with a choice of how images are compared.
     *
     * @param heldOut as there
     * @param training as there
     * @param score how they are compared
     * @return another classifier, to be closed as well
     * @throws DatasetException as there
     * @throws IllegalArgumentException as there
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier calibrate(MultiLabelDataset heldOut, MultiLabelDataset training, NoveltyScore score) {
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(score, "score");
        return tuned(heldOut, OptionalDouble.empty(), new TrainingImages(training.images(), score));
    }

    private ImageClassifier tuned(
            MultiLabelDataset heldOut, OptionalDouble precision, @Nullable TrainingImages training) {
        Objects.requireNonNull(heldOut, "heldOut");
        return lifetime.cancellable(
                "the calibration",
                () -> new ImageClassifier(Calibrating.thresholds(fitted, heldOut, precision, training)));
    }

    /**
     * What {@link #calibrate(MultiLabelDataset)} has chosen.
     *
     * @return one a class, in the order of the classes; empty if this classifier has no thresholds of its own
     */
    public List<LabelThreshold> thresholds() {
        return lifetime.whileOpen(() -> fitted.calibration().thresholds());
    }

    /**
     * What {@link #calibrate(ImageDataset)} has found out: the temperature, the calibration error before and after, and how
     * large sets are.
     *
     * @return empty if this classifier is not calibrated
     */
    public Optional<Calibration> calibration() {
        return lifetime.whileOpen(() -> Optional.ofNullable(fitted.calibration().probabilities())
                .map(FittedCalibration.Probabilities::figures));
    }

    /**
     * The classes in the order of their indices.
     *
     * @return the names
     */
    public List<String> classNames() {
        return lifetime.whileOpen(network::classNames);
    }

    /**
     * Begins a further training of this classifier: on more images, of more of the network, or for other classes.
     *
     * <pre>{@code
     * try (ImageClassifier tuned = classifier.learner().freezeUpTo("block4_pool").epochs(5).fit(data)) { ... }
     * }</pre>
     *
     * <p>The learner has the weights (copies), head, preprocessing, input size and precision of this classifier, and how it
     * was trained: optimizer with its schedule, loss, class weights, batch size, {@link TransferLearner#averageWeights}. A
     * model file has them too, but for an updater or schedule of the user's own, of which the log warns when it is saved
     * and here. What the optimizer remembers (moments, its count of steps) is there where the classifier was not loaded
     * from a file, and did not learn from features on another scale, as {@link TransferLearner#optimizer(org.transfer4j.training.Optimizer)
     * a fit by default} does. All else, such as freezing, epochs, seed, augmentation and validation, is as in a new learner.
     * Epochs and phases are counted on, so that two phases of {@link TransferLearner#fineTune} and two fits by hand come to
     * the same bits.
     *
     * <p>The classes that were learned stay, with their weights and in their order, whether or not the data has images of
     * them; new ones come after them, in {@linkplain org.transfer4j.label.OneHotLabelEncoder#sortedClasses label order},
     * with random weights, and the optimizer's memory begins anew. The log says which classes are new, kept and dropped,
     * and warns of those without images; only {@link TransferLearner#dropClasses} takes a class away. Layers of another
     * head keep their weights where name and shape are the same; an output layer of other inputs begins anew.
     *
     * @return a learner, independent of this classifier
     */
    public TransferLearner learner() {
        return new TransferLearner(lifetime.whileOpen(fitted::furtherTraining));
    }

    /**
     * Reads a classifier that {@link #save} wrote. Where its backbone is an ONNX model whose weights stay in files of their own,
     * those must lie beside it. Nothing in the file is executed: it names no classes that are not
     * on a list, and no Java serialization is involved. Shapes, sizes and memory are proven before anything is allocated
     * for it. Its history has no durations.
     *
     * @param file the file
     * @return the classifier, to be closed by the caller
     * @throws org.transfer4j.error.ModelFileException if the file is damaged, not a model, of a newer format, that of an
     *     {@link ImageRegressor}, or holds a network that can't be computed
     * @throws org.transfer4j.error.MemoryLimitException if its network needs more memory than {@code transfer4j.memory}
     *     allows
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static ImageClassifier load(Path file) {
        Objects.requireNonNull(file, "file");
        return new ImageClassifier(ModelFile.read(file, null, false));
    }

    /**
     * Reads a classifier as {@link #load(Path)} does, whose ONNX model was left outside of its file.
     *
     * @param file the file
     * @param models the folder of the ONNX model, with the files that it needs; what is not there is looked for beside the file
     * @return the classifier, to be closed by the caller
     * @throws org.transfer4j.error.ModelFileException as there, or if a file of the ONNX model is missing, or is not the one that
     *     the classifier was saved with, by its SHA-256
     * @throws org.transfer4j.error.MemoryLimitException as there
     * @throws java.io.UncheckedIOException as there
     */
    public static ImageClassifier load(Path file, Path models) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(models, "models");
        return new ImageClassifier(ModelFile.read(file, models, false));
    }
}
