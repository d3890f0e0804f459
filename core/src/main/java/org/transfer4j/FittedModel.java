package org.transfer4j;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Inference;
import org.transfer4j.internal.fitted.Lifetime;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.training.TrainingHistory;

/**
 * A trained network, be it a classifier's or a regressor's: how it was trained, and how it goes into files and to other programs.
 *
 * @param <P> what is said of an image
 */
public abstract sealed class FittedModel<P> extends ImagePredictor<P> permits ImageClassifier, ImageRegressor {
    final Fitted fitted;
    final Inference inference;

    /** Closed with this; messages call it by the noun. */
    FittedModel(Fitted fitted, String noun) {
        this(fitted, new Inference(fitted), noun);
    }

    private FittedModel(Fitted fitted, Inference inference, String noun) {
        super(inference, new Lifetime(noun, fitted.network()::close));
        this.fitted = fitted;
        this.inference = inference;
    }

    /**
     * How the training went. A regressor's losses are those of standardized targets:
     * {@link org.transfer4j.training.Loss#meanSquaredError()} tells what that means; it has no accuracy, which is NaN.
     *
     * @return one record an epoch
     */
    public final TrainingHistory history() {
        return lifetime.whileOpen(fitted::history);
    }

    /**
     * The network as a table.
     *
     * @return lines of text
     * @see TransferLearner#summary()
     */
    public final String summary() {
        return lifetime.whileOpen(
                () -> fitted.network().plan().summary(fitted.network().preprocessing()));
    }

    /**
     * Writes all that {@link ImageClassifier#load} or {@link ImageRegressor#load} needs into one file: weights, topology,
     * preprocessing, names of classes or targets, history (without durations), calibration, versions and checksums. The same
     * training gives the same bytes. It is written beside its place and moved there when it is complete, so that a file already
     * there is replaced whole or not at all. An interrupted thread writes it too.
     *
     * @param file the file; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public final void save(Path file) {
        Objects.requireNonNull(file, "file");
        lifetime.runWhileOpen(() -> fitted.save(file));
    }

    /**
     * Writes the weights of the backbone, without the head, for another learner with the same backbone:
     * {@code TransferLearner.of(backbone).weights(Weights.file(file))}. As {@link #saveBackboneWeights(Path, StoredPrecision)}
     * with {@link StoredPrecision#FLOAT32}.
     *
     * @param file the file, usually named {@code .safetensors}; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public final void saveBackboneWeights(Path file) {
        saveBackboneWeights(file, StoredPrecision.FLOAT32);
    }

    /**
     * Writes the weights of the backbone, without the head, as safetensors (https://huggingface.co/docs/safetensors) in
     * PyTorch's layout and with its names behind those of the layers: {@code block1_conv1.weight} [out, in, height,
     * width], {@code .bias}, {@code .running_mean}, {@code .running_var}. The file's metadata names this library, its version
     * and the preprocessing; who reads the weights for another one is warned in the log. Like {@link #save}, it replaces a
     * file whole or not at all.
     *
     * @param file the file, usually named {@code .safetensors}; its folder must exist
     * @param precision in what numbers
     * @throws IllegalArgumentException if a layer's weights have no such form, or those of two layers would have one
     *     name
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public final void saveBackboneWeights(Path file, StoredPrecision precision) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(precision, "precision");
        lifetime.runWhileOpen(() -> fitted.saveBackboneWeights(file, precision));
    }

    /**
     * The whole network, trunk and tail, for plain DL4J: images [N, 3, H, W], resized and preprocessed by the caller, to
     * probabilities [N, classes], or to numbers [N, targets] in the targets' units, for which its loss is DL4J's mean squared
     * error. Its layers have the optimizer of the training where that is one of ND4J's own, and no layer is marked frozen.
     *
     * @return a copy; changing it does not change this
     * @throws UnsupportedOperationException if it has a layer that DL4J can't compute; the message names it
     */
    public final ComputationGraph toComputationGraph() {
        return lifetime.whileOpen(fitted::toComputationGraph);
    }

    /**
     * Writes the whole network as an ONNX model that takes plain RGB pixels, with {@link OnnxOptions#defaults()}.
     *
     * @param file the file, usually named {@code .onnx}; its folder must exist
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX; the message names it
     * @throws java.io.UncheckedIOException if the file can't be written
     * @see #exportOnnx(Path, OnnxOptions)
     */
    public final void exportOnnx(Path file) {
        exportOnnx(file, OnnxOptions.defaults());
    }

    /**
     * Writes the whole network, trunk, tail and softmax, as a model in the format of ONNX (https://onnx.ai) for ONNX
     * Runtime and others. Like {@link #save}, it replaces a file whole or not at all. The numbers are float32, also
     * where the network is computed in bfloat16 here.
     *
     * <table>
     * <caption>Input and output; N, the number of images, is free</caption>
     * <tr><th>Name<th>Shape<th>Values
     * <tr><td>{@code images}<td>[N, 3, height, width]<td>float32. Red, green, blue, 0..255, or, without preprocessing
     *     in the model, what {@link org.transfer4j.preprocessing.ImagePreprocessing} makes of them. Under
     *     {@code ImagePreprocessing.none()}, which changes nothing, values as in training
     * <tr><td>{@code probabilities}, of a classifier<td>[N, classes]<td>float32, 0..1, in the order of
     *     {@link ImageClassifier#classNames()}
     * <tr><td>{@code numbers}, of a regressor<td>[N, targets]<td>float32, in the targets' units and the order of
     *     {@link ImageRegressor#targetNames()}
     * </table>
     *
     * <p>Decoding, resizing to height x width (bilinear, as OpenCV's {@code INTER_LINEAR}, the aspect ratio is not kept)
     * and repeating gray images in three channels stay outside; a resizer that is not OpenCV's gives slightly other
     * pixels, and so slightly other probabilities. The model's metadata ({@code metadata_props}) has
     *
     * <ul>
     *   <li>{@code labels}: the class names, a JSON array; of a regressor {@code targets}, their names;
     *   <li>{@code output_activation}: {@code softmax}, {@code sigmoid} where labels don't exclude each other, or {@code identity} of
     *       a regressor;
     *   <li>{@code input}: what {@code images} must be, in words;
     *   <li>{@code preprocessing}: as {@link org.transfer4j.preprocessing.ImagePreprocessing#toJson()};
     *   <li>{@code preprocessing_included}: {@code true} if that is a part of the model;
     *   <li>{@code backbone}: its name;
     *   <li>{@code temperature}, of a {@linkplain ImageClassifier#calibrate(org.transfer4j.dataset.ImageDataset) calibrated}
     *       classifier: what the model divides the inputs of its softmax by;
     *   <li>{@code set_probabilities}, likewise: a JSON object of coverages, {@code "0.95"}, with the probability that a class
     *       must have at least to be in the {@linkplain Prediction#set set};
     *   <li>{@code thresholds}, where an image may have several labels and they were {@linkplain
     *       ImageClassifier#calibrate(org.transfer4j.dataset.MultiLabelDataset) tuned}: a JSON array in the order of the labels.
     * </ul>
     *
     * @param file the file, usually named {@code .onnx}; its folder must exist
     * @param options preprocessing inside or not, version of the operators
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX, which the message names, or the
     *     weights come near 2 GiB, the limit of the format; nothing is written then
     * @throws java.io.UncheckedIOException if the file can't be written
     */
    public final void exportOnnx(Path file, OnnxOptions options) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(options, "options");
        lifetime.runWhileOpen(() -> fitted.exportOnnx(file, options.preprocessingIncluded(), options.opset()));
    }

    /**
     * A description for logs, of an open one or a closed one.
     *
     * @return backbone, size of the images, preprocessing, head, and the names of the classes or targets (the first, where there
     *     are many)
     */
    @Override
    public final String toString() {
        NetworkPlan plan = fitted.network().plan();
        return getClass().getSimpleName() + "[" + plan.name() + " at " + plan.height() + "x" + plan.width()
                + ", preprocessing " + fitted.network().preprocessing() + ", head " + plan.head() + ", "
                + plan.answers().outputsTitle().toLowerCase(Locale.ROOT) + ": "
                + first(fitted.network().classNames()) + "]";
    }
}
