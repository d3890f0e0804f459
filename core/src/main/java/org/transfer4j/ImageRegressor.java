package org.transfer4j;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.internal.run.Answer;
import org.transfer4j.internal.run.Evaluation;
import org.transfer4j.internal.run.Fitted;
import org.transfer4j.internal.run.Inference;
import org.transfer4j.internal.run.LoadedModel;
import org.transfer4j.preprocessing.Views;

/**
 * A trained regressor: it gives images numbers, an age, an angle, a count, in the units of the {@link RegressionDataset} that it
 * was fitted to. Comes from {@link TransferLearner#fit(RegressionDataset)} or {@link #load(Path)}.
 */
public final class ImageRegressor extends FittedModel<RegressionPrediction> {
    ImageRegressor(Fitted fitted) {
        super(fitted, new Inference(fitted.network(), fitted.calibration()), "regressor");
    }

    @Override
    RegressionPrediction prediction(Answer answer) {
        return new RegressionPrediction(fitted.network().classNames(), answer.probabilities());
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
        Objects.requireNonNull(views, "views");
        return cancellable(
                "the evaluation", () -> Evaluation.of(answering(), data, views).with(fitted.card(views)));
    }

    /**
     * What it gives numbers for.
     *
     * @return the names of the targets, in the order of the outputs
     */
    public List<String> targetNames() {
        return whileOpen(() -> fitted.network().classNames());
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
        return new TransferLearner(whileOpen(fitted::furtherTraining));
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
        return new ImageRegressor(LoadedModel.read(file, null, true));
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
        Objects.requireNonNull(models, "models");
        return new ImageRegressor(LoadedModel.read(file, models, true));
    }
}
