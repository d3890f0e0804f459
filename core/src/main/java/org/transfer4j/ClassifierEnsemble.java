package org.transfer4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.evaluate.Evaluation;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Ensemble;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Lifetime;
import org.transfer4j.preprocessing.Views;

/**
 * Several classifiers that predict as one: the probability of a class is the weighted mean of theirs. They may have different
 * backbones, input sizes and preprocessings; fits with different seeds are the plainest case. It costs the time and the memory of
 * all of them.
 *
 * <pre>{@code
 * try (ImageClassifier one = learner.seed(1).fit(photos);
 *         ImageClassifier other = learner.seed(2).fit(photos);
 *         ClassifierEnsemble both = ClassifierEnsemble.of(one, other)) {
 *     System.out.println(both.evaluate(test));
 *     both.save(Path.of("both.t4j"));
 * }
 * }</pre>
 *
 * <p>A member that is {@linkplain ImageClassifier#calibrate(ImageDataset) calibrated} counts with its calibrated probabilities.
 * Their mean is not calibrated by that, and rather too low than too high (R. Rahaman, A. Thiery, "Uncertainty Quantification and
 * Deep Ensembles", 2021): there are no {@linkplain Prediction#set sets} of it, and nothing is {@linkplain Prediction#isKnown()
 * known}. Where an image may have several labels they are given above one half, whatever thresholds members were tuned to.
 */
public final class ClassifierEnsemble extends ImagePredictor<Prediction> {
    private final Ensemble ensemble;

    private ClassifierEnsemble(Ensemble ensemble) {
        super(ensemble, new Lifetime("ensemble", ensemble::close));
        this.ensemble = ensemble;
    }

    /**
     * Makes classifiers one, in which all count the same.
     *
     * @param classifiers 2 to 64 with the same classes, all of one label an image or all of several. The order of the classes is
     *     that of the first. They stay as they are, share their weights with the ensemble, and may be closed before it: the memory
     *     is freed when both are closed
     * @return the ensemble, to be closed as well
     * @throws IllegalArgumentException if they are too few or too many, or one has other classes, which the message names
     */
    public static ClassifierEnsemble of(ImageClassifier... classifiers) {
        Objects.requireNonNull(classifiers, "classifiers");
        return of(Arrays.asList(classifiers), Collections.nCopies(classifiers.length, 1.0));
    }

    /**
     * Makes classifiers one, in which some count more than others.
     *
     * @param classifiers as {@link #of(ImageClassifier...)} takes them
     * @param weights one a classifier, each above 0 and at most 1,000,000; they are divided by their sum
     * @return the ensemble, to be closed as well
     * @throws IllegalArgumentException as there, or if a weight is out of its range, or there are not as many
     */
    public static ClassifierEnsemble of(List<ImageClassifier> classifiers, List<Double> weights) {
        Objects.requireNonNull(classifiers, "classifiers");
        Objects.requireNonNull(weights, "weights");
        classifiers.forEach(classifier -> Objects.requireNonNull(classifier, "classifier"));
        weights.forEach(weight -> Objects.requireNonNull(weight, "weight"));
        List<Double> own = List.copyOf(weights);
        List<Fitted> fitted = new ArrayList<>();
        try {
            List.copyOf(classifiers).forEach(classifier -> fitted.add(classifier.shared()));
        } catch (RuntimeException | Error e) {
            fitted.forEach(one -> one.network().close());
            throw e;
        }
        return new ClassifierEnsemble(Ensemble.of(fitted, own));
    }

    @Override
    Prediction prediction(Answer answer) {
        return new Prediction(ensemble.classNames(), answer, ensemble.kind(), FittedCalibration.NONE);
    }

    /**
     * Compares predictions with the labels of a dataset. Classes are matched by name; the dataset need not have all.
     *
     * @param data labelled images
     * @return the figures
     * @throws org.transfer4j.error.DatasetException if the data is empty or has a class that was not learned
     * @throws IllegalArgumentException if the classifiers give each image several labels
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public EvaluationReport evaluate(ImageDataset data) {
        return evaluate(data, Views.none());
    }

    /**
     * Compares predictions from several views of each image with the labels of a dataset.
     *
     * @param data labelled images
     * @param views how they are looked at, by each classifier
     * @return the figures
     * @throws org.transfer4j.error.DatasetException as {@link #evaluate(ImageDataset)}
     * @throws IllegalArgumentException as there
     * @throws java.util.concurrent.CancellationException as there
     */
    public EvaluationReport evaluate(ImageDataset data, Views views) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(views, "views");
        return lifetime.cancellable(
                "the evaluation", () -> Evaluation.of(ensemble, data, views).with(ensemble.card(views)));
    }

    /**
     * Compares predictions with the labels of a dataset whose images may have several, at one half.
     *
     * @param data labelled images
     * @return the figures
     * @throws org.transfer4j.error.DatasetException if the data has a class that was not learned
     * @throws IllegalArgumentException if the classifiers give each image one label
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public MultiLabelReport evaluate(MultiLabelDataset data) {
        Objects.requireNonNull(data, "data");
        return lifetime.cancellable(
                "the evaluation",
                () -> Evaluation.of(ensemble, data, Views.none(), List.of()).with(ensemble.card(Views.none())));
    }

    /**
     * The classes in the order of their indices.
     *
     * @return the names
     */
    public List<String> classNames() {
        return lifetime.whileOpen(ensemble::classNames);
    }

    /**
     * Writes all classifiers and their weights into one file, as {@link ImageClassifier#save} writes one: with checksums, whole or
     * not at all, and the same bytes for the same ensemble.
     *
     * @param file the file; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void save(Path file) {
        Objects.requireNonNull(file, "file");
        lifetime.runWhileOpen(() -> ensemble.save(file));
    }

    /**
     * Reads an ensemble that {@link #save} wrote, as {@link ImageClassifier#load(Path)} reads a classifier: nothing in the file is
     * executed, and shapes, sizes and the memory of all networks together are proven before anything is allocated for them.
     *
     * @param file the file
     * @return the ensemble, to be closed by the caller
     * @throws org.transfer4j.error.ModelFileException if the file is damaged, no ensemble, of a newer format, or holds a network that
     *     can't be computed
     * @throws org.transfer4j.error.MemoryLimitException if its networks need more memory than {@code transfer4j.memory} allows
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static ClassifierEnsemble load(Path file) {
        Objects.requireNonNull(file, "file");
        return new ClassifierEnsemble(Ensemble.read(file));
    }

    /**
     * A description for logs, of an open one or a closed one.
     *
     * @return the number of classifiers and the names of the classes (the first, where there are many)
     */
    @Override
    public String toString() {
        return "ClassifierEnsemble[" + ensemble.size() + " classifiers, classes: " + first(ensemble.classNames()) + "]";
    }
}
