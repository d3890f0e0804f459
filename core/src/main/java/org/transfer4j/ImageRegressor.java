package org.transfer4j;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.run.Fitted;
import org.transfer4j.internal.run.LoadedModel;
import org.transfer4j.internal.run.OpenModel;
import org.transfer4j.training.TrainingHistory;

/**
 * A trained regressor: it gives images numbers, an age, an angle, a count, in the units of the {@link RegressionDataset} that it
 * was fitted to. Comes from {@link TransferLearner#fit(RegressionDataset)} or {@link #load(Path)}. Any number of threads may
 * predict at once.
 *
 * <p>It holds native memory until {@link #close()}; one that is forgotten is freed when the garbage collector finds it. Every
 * method but {@code close} throws {@link IllegalStateException} after {@code close}, and
 * {@link org.transfer4j.error.MemoryLimitException} where the memory outside of the heap does not suffice; a prediction throws
 * {@code IllegalStateException} too where the network's weights are so large that no finite number comes out.
 */
public final class ImageRegressor implements AutoCloseable {
    private final OpenModel model;
    private final Fitted fitted;

    ImageRegressor(Fitted fitted) {
        this.model = new OpenModel(fitted, "regressor");
        this.fitted = fitted;
    }

    /**
     * Predicts the numbers of an image file, turned as its EXIF orientation says. Samples are taken as they are: a colour profile
     * in the file is not applied, as in training.
     *
     * @param image a JPEG, PNG or BMP file
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used, its data end early, or it is beyond
     *     the {@link org.transfer4j.preprocessing.ImageLimits} of the process
     * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits for memory that other
     *     images hold; it stays interrupted
     * @throws java.io.UncheckedIOException if the file can't be read
     */
    public RegressionPrediction predict(Path image) {
        return model.whileOpen(() -> predictDecoded(ImageDecoder.decode(image)));
    }

    /**
     * Predicts the numbers of an encoded image, as {@link #predict(Path)} does.
     *
     * @param image the bytes of a JPEG, PNG or BMP file
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public RegressionPrediction predict(byte[] image) {
        return model.whileOpen(() -> predictDecoded(ImageDecoder.decode(image, ImageOrigin.UNNAMED)));
    }

    /**
     * Predicts the numbers of an encoded image, as {@link #predict(Path)} does.
     *
     * @param image gives the bytes of a JPEG, PNG or BMP file; read to its end, or to where it has more bytes than
     *     {@link org.transfer4j.preprocessing.ImageLimits} allow; not closed
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     * @throws java.io.UncheckedIOException if the stream can't be read
     */
    public RegressionPrediction predict(InputStream image) {
        return model.whileOpen(() -> predictDecoded(ImageDecoder.decode(image, ImageOrigin.UNNAMED)));
    }

    /**
     * Predicts the numbers of an image in Java's memory, which knows neither EXIF orientation nor the file's colour profile as
     * such: {@link ImageClassifier#predict(BufferedImage)} tells what that means. Hand files and uploads over as path, bytes or
     * stream.
     *
     * @param image of any type; gray stays gray, all else becomes RGB, alpha is dropped; it is taken to be upright
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it has more pixels than {@link org.transfer4j.preprocessing.ImageLimits}
     *     allow
     */
    public RegressionPrediction predict(BufferedImage image) {
        return model.whileOpen(() -> predictDecoded(DecodedImage.of(image, ImageOrigin.UNNAMED)));
    }

    /**
     * Predicts the numbers of an array.
     *
     * @param image one image, [C, H, W] or [1, C, H, W], one channel or three (RGB), values 0..255 (any values where the
     *     preprocessing is {@code none()})
     * @return the prediction
     * @throws IllegalArgumentException if the shape is another
     * @throws org.transfer4j.error.ImageException if the values are not pixels
     */
    public RegressionPrediction predict(INDArray image) {
        return model.whileOpen(() -> predictDecoded(DecodedImage.of(image, ImageOrigin.UNNAMED)));
    }

    private RegressionPrediction predictDecoded(DecodedImage image) {
        return prediction(model.inference().numbers(image));
    }

    private RegressionPrediction prediction(float[] numbers) {
        return new RegressionPrediction(fitted.network().classNames(), numbers);
    }

    /**
     * Predicts the numbers of a dataset's images; its labels are not used. The same images give the same numbers to the bit,
     * however many threads ask. An image alone, among up to 32, or among more is computed in batches of another size, which may
     * change the last digits.
     *
     * @param data the images, for example {@link RegressionDataset#images()}
     * @return one prediction an image, in the order of the data
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public List<RegressionPrediction> predict(ImageDataset data) {
        return model.cancellable(
                "the prediction",
                () -> model.inference().numbers(data).stream()
                        .map(this::prediction)
                        .toList());
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
        return model.cancellable(
                "the evaluation", () -> model.inference().evaluate(data).with(fitted.card()));
    }

    /**
     * What it gives numbers for.
     *
     * @return the names of the targets, in the order of the outputs
     */
    public List<String> targetNames() {
        return model.whileOpen(() -> fitted.network().classNames());
    }

    /**
     * How the training went. Losses are those of standardized targets: {@link org.transfer4j.training.Loss#meanSquaredError()}
     * tells what that means. There is no accuracy: it is NaN.
     *
     * @return one record an epoch
     */
    public TrainingHistory history() {
        return model.whileOpen(fitted::history);
    }

    /**
     * The network as a table.
     *
     * @return lines of text
     * @see TransferLearner#summary()
     */
    public String summary() {
        return model.whileOpen(
                () -> fitted.network().plan().summary(fitted.network().preprocessing()));
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
        return new TransferLearner(model.whileOpen(fitted::furtherTraining));
    }

    /**
     * Writes all that {@link #load} needs into one file: weights, topology, preprocessing, names of the targets, history (without
     * durations), versions and checksums. The same training gives the same bytes. It is written beside its place and moved there
     * when it is complete, so that a file already there is replaced whole or not at all. An interrupted thread writes it too.
     *
     * @param file the file; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void save(Path file) {
        model.runWhileOpen(() -> fitted.save(file));
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

    /**
     * Writes the weights of the backbone, without the head, as safetensors, like {@link ImageClassifier#saveBackboneWeights(Path,
     * StoredPrecision)}.
     *
     * @param file the file, usually named {@code .safetensors}; its folder must exist
     * @param precision in what numbers
     * @throws IllegalArgumentException if a layer's weights have no such form
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void saveBackboneWeights(Path file, StoredPrecision precision) {
        Objects.requireNonNull(precision, "precision");
        model.runWhileOpen(() -> fitted.saveBackboneWeights(file, precision));
    }

    /**
     * The whole network, trunk and tail, for plain DL4J: images [N, 3, H, W], resized and preprocessed by the caller, to numbers
     * [N, targets] in the targets' units. Its layers have this regressor's optimizer where that is one of ND4J's own, its loss is
     * DL4J's mean squared error, and no layer is marked frozen.
     *
     * @return a copy; changing it does not change this regressor
     */
    public ComputationGraph toComputationGraph() {
        return model.whileOpen(fitted::toComputationGraph);
    }

    /**
     * Writes the whole network as an ONNX model that takes plain RGB pixels, with {@link OnnxOptions#defaults()}.
     *
     * @param file the file, usually named {@code .onnx}; its folder must exist
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX; the message names it
     * @throws java.io.UncheckedIOException if the file can't be written
     * @see #exportOnnx(Path, OnnxOptions)
     */
    public void exportOnnx(Path file) {
        exportOnnx(file, OnnxOptions.defaults());
    }

    /**
     * Writes the whole network as an ONNX model, like {@link ImageClassifier#exportOnnx(Path, OnnxOptions)} with the same input
     * {@code images}. The output is {@code numbers}, [N, targets], float32, in the targets' units and the order of
     * {@link #targetNames()}. In the metadata stands {@code targets}, the names as a JSON array, in the place of {@code labels};
     * {@code output_activation} is {@code identity}.
     *
     * @param file the file, usually named {@code .onnx}; its folder must exist
     * @param options preprocessing inside or not, version of the operators
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX, which the message names, or the weights come
     *     near 2 GiB, the limit of the format; nothing is written then
     * @throws java.io.UncheckedIOException if the file can't be written
     */
    public void exportOnnx(Path file, OnnxOptions options) {
        model.runWhileOpen(() -> fitted.exportOnnx(file, options.preprocessingIncluded(), options.opset()));
    }

    /** Frees native memory, once other threads have their predictions. Calling it again does nothing. */
    @Override
    public void close() {
        model.close();
    }
}
