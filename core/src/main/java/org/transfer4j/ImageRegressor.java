package org.transfer4j;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.internal.evaluate.Evaluation;
import org.transfer4j.internal.evaluate.TrainingImages;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.preprocessing.Views;

/**
 * A trained regressor: it gives images numbers, an age, an angle, a count, in the units of the {@link RegressionDataset} that it
 * was fitted to. Comes from {@link TransferLearner#fit(RegressionDataset)} or {@link #load(Path)}.
 */
public final class ImageRegressor extends FittedModel<RegressionPrediction> {
    ImageRegressor(Fitted fitted) {
        super(fitted, "regressor");
    }

    @Override
    RegressionPrediction prediction(Answer answer) {
        return new RegressionPrediction(fitted.network().classNames(), answer, fitted.calibration());
    }

    /**
     * Compares predictions with the numbers of a dataset.
     *
     * @param data images with the targets of this regressor, in whatever order
     * @return the figures, in the targets' units
     * @throws org.transfer4j.error.DatasetException if the data has other targets
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public RegressionReport evaluate(RegressionDataset data) {
        return evaluate(data, Views.none());
    }

    /**
     * Compares predictions from several views of each image with the numbers of a dataset. Views must not change what is asked
     * for: a mirror image has another angle.
     *
     * @param data images with the targets of this regressor, in whatever order
     * @param views how they are looked at, as in {@link #predict(org.transfer4j.dataset.ImageDataset, Views)}
     * @return the figures, in the targets' units
     * @throws org.transfer4j.error.DatasetException if the data has other targets
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public RegressionReport evaluate(RegressionDataset data, Views views) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(views, "views");
        return lifetime.cancellable(
                "the evaluation", () -> Evaluation.of(inference, data, views).with(fitted.card(views)));
    }

    /**
     * Learns to tell {@linkplain RegressionPrediction#isKnown() images that are unlike the training images}, by
     * {@link NoveltyScore#MAHALANOBIS} from the mean of all. What is returned predicts the same numbers, and is saved with what it
     * has learned; a {@link #learner() further training} begins without.
     *
     * <pre>{@code
     * try (ImageRegressor fitted = learner.fit(split.train());
     *         ImageRegressor regressor = fitted.calibrate(split.test(), split.train())) {
     *     RegressionPrediction age = regressor.predict(photo);
     *     System.out.println(age.isKnown() ? age : "not a photo as it has learned from");
     * }
     * }</pre>
     *
     * @param heldOut 19 images or more that it was not trained on, of the same source as those to come: they say how unlike the
     *     training images known ones may be. Their numbers have no part in it
     * @param training 2 images or more that it was trained on; 10,000 are looked at
     * @return another regressor, to be closed as well. It shares the weights with this one, which stays as it is and may be closed
     *     before it; their memory is freed when both are closed
     * @throws org.transfer4j.error.DatasetException if the images are too few
     * @throws IllegalArgumentException if nothing of its network is frozen: images are compared by what the frozen layers make of
     *     them
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageRegressor calibrate(RegressionDataset heldOut, RegressionDataset training) {
        return calibrate(heldOut, training, NoveltyScore.MAHALANOBIS);
    }

    /**
     * The same as {@link #calibrate(RegressionDataset, RegressionDataset)}, with a choice of how images are compared.
     *
     * @param heldOut as there
     * @param training as there
     * @param score how they are compared
     * @return another regressor, to be closed as well
     * @throws org.transfer4j.error.DatasetException as there
     * @throws IllegalArgumentException as there
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageRegressor calibrate(RegressionDataset heldOut, RegressionDataset training, NoveltyScore score) {
        Objects.requireNonNull(heldOut, "heldOut");
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(score, "score");
        TrainingImages images = new TrainingImages(training.images(), score);
        return lifetime.cancellable(
                "the calibration", () -> new ImageRegressor(images.knownBy(fitted, heldOut.images())));
    }

    /**
     * What it gives numbers for.
     *
     * @return the names of the targets, in the order of the outputs
     */
    public List<String> targetNames() {
        return lifetime.whileOpen(() -> fitted.network().classNames());
    }

    /**
     * Begins a further training of this regressor, on more images or of more of the network.
     *
     * <pre>{@code
     * try (ImageRegressor tuned = regressor.learner().freezeUpTo("block4_pool").epochs(5).fit(data)) { ... }
     * }</pre>
     *
     * <p>As {@link ImageClassifier#learner()}: the learner has copies of the weights, head, preprocessing, input size, precision,
     * and how this regressor was trained. The data has the same targets; they are standardized anew by its own means and
     * deviations, for which the output layer is changed so that it begins with the same predictions, but for rounding: two fits
     * come to the same as two phases within about 1e-6, not to the bit. A head of another kind,
     * {@code head(Head.globalAveragePooling())}, gives a classifier whose output layer begins anew.
     *
     * @return a learner, independent of this regressor
     */
    public TransferLearner learner() {
        return new TransferLearner(lifetime.whileOpen(fitted::furtherTraining));
    }

    /**
     * Reads a regressor that {@link #save} wrote, as {@link ImageClassifier#load} reads classifiers: nothing in the file is
     * executed, and shapes, sizes and memory are proven before anything is allocated for it.
     *
     * @param file the file
     * @return the regressor, to be closed by the caller
     * @throws org.transfer4j.error.ModelFileException if the file is damaged, not a model, of a newer format, that of an
     *     {@link ImageClassifier}, or holds a network that can't be computed
     * @throws org.transfer4j.error.MemoryLimitException if its network needs more memory than {@code transfer4j.memory}
     *     allows
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static ImageRegressor load(Path file) {
        Objects.requireNonNull(file, "file");
        return new ImageRegressor(ModelFile.read(file, null, true));
    }

    /**
     * Reads a regressor as {@link #load(Path)} does, whose ONNX model was left outside of its file.
     *
     * @param file the file
     * @param models the folder of the ONNX model, as for {@link ImageClassifier#load(Path, Path)}
     * @return the regressor, to be closed by the caller
     * @throws org.transfer4j.error.ModelFileException as there
     * @throws org.transfer4j.error.MemoryLimitException as there
     * @throws java.io.UncheckedIOException as there
     */
    public static ImageRegressor load(Path file, Path models) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(models, "models");
        return new ImageRegressor(ModelFile.read(file, models, true));
    }
}
