package org.transfer4j;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.fitted.Explaining;
import org.transfer4j.internal.fitted.Explaining.Method;
import org.transfer4j.internal.fitted.Explaining.Request;
import org.transfer4j.internal.fitted.Lifetime;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;

/**
 * Shows where in an image a classifier finds what speaks for a class. Immutable: each step returns a new one. Of its
 * classifier, which must not be closed while it is used; may be used by several threads, which wait for each other.
 *
 * <pre>{@code
 * Explanation why = classifier.explainer().label("lynx").explain(Path.of("cat.jpg"));
 * why.plot(Path.of("why.png"));
 * }</pre>
 *
 * <p>The channels of a feature map are added up, each with a weight, and what is below 0 is left out. Without {@link
 * #scoreCam()} that is Grad-CAM (R. Selvaraju and others, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
 * Localization", 2017): the weight of a channel is the mean of the gradient of the class's score, before softmax or sigmoid, by
 * the channel's values. Frozen layers are explained as trained ones are. A backbone that is an ONNX model is looked at where
 * it ends.
 *
 * <p>The first explanation at a layer compiles the layers below it once more and keeps them until another layer is asked for or
 * the classifier is closed, unless the frozen layers end there without a pooling. The gradient is computed in plain Java, which
 * takes the longer the more layers are above the map.
 *
 * @see ImageClassifier#explainer()
 */
public final class Explainer {
    private final Explaining explaining;
    private final Lifetime lifetime;
    private final Request request;

    Explainer(Explaining explaining, Lifetime lifetime) {
        this(explaining, lifetime, new Request(Method.GRAD_CAM, null, null));
    }

    private Explainer(Explaining explaining, Lifetime lifetime, Request request) {
        this.explaining = explaining;
        this.lifetime = lifetime;
        this.request = request;
    }

    private Explainer with(Request other) {
        return new Explainer(explaining, lifetime, lifetime.whileOpen(() -> explaining.checked(other)));
    }

    /**
     * The weight of a channel is what Score-CAM gives it (H. Wang and others, "Score-CAM: Score-Weighted Visual Explanations for
     * Convolutional Neural Networks", 2020): how much more probable than of nothing the class is of the image that is
     * multiplied by the channel, resized to the network's input and brought to 0..1; of nothing means all zeros after the
     * preprocessing. No gradient is needed, but as many passes through the network as the map has channels, 32 at once.
     *
     * @return a new explainer
     */
    public Explainer scoreCam() {
        return with(new Request(Method.SCORE_CAM, request.layer(), request.label()));
    }

    /**
     * Shows what comes through the attention of a transformer, which is an ONNX model: attention rollout (S. Abnar, W. Zuidema,
     * "Quantifying Attention Flow in Transformers", 2020). The attention of each block is the mean over its heads; half of what a token
     * gives on is itself, for the connection around the block; of the product over all blocks the row of the class token is the
     * map, or, where there is none, the mean over the patches. It tells where the network looks, the same for each class: that of
     * {@link #label} is only named. What the head makes of it is not in it.
     *
     * <p>The softmax of each attention must be a node of the model. PyTorch's exporter writes it so where attention is not fused: timm's
     * {@code timm.layers.set_fused_attn(False)}, transformers' {@code attn_implementation="eager"}. The first explanation opens the
     * model once more, and keeps it until the classifier is closed.
     *
     * @return a new explainer
     * @throws UnsupportedOperationException if the backbone is no ONNX model, or one without attention between all patches, or
     *     whose attention is fused; the message says which
     * @throws IllegalArgumentException if a {@link #layer} was chosen
     */
    public Explainer attentionRollout() {
        return with(new Request(Method.ATTENTION_ROLLOUT, request.layer(), request.label()));
    }

    /**
     * Chooses whose feature map is looked at. The lower the layer, the finer the map, and the less its channels know of
     * classes. The default is the last one with more than one position.
     *
     * @param name one of {@link #layers()}
     * @return a new explainer
     * @throws IllegalArgumentException if it is none of them
     */
    public Explainer layer(String name) {
        Objects.requireNonNull(name, "name");
        return with(new Request(request.method(), name, request.label()));
    }

    /**
     * Chooses the class that is explained, also one that is not predicted. The default is the most probable one of each image.
     *
     * @param name a class name of the classifier
     * @return a new explainer
     * @throws IllegalArgumentException if the classifier does not know it
     */
    public Explainer label(String name) {
        Objects.requireNonNull(name, "name");
        return with(new Request(request.method(), request.layer(), name));
    }

    /**
     * The layers with a feature map: those with more than one position through which everything passes that is above them.
     *
     * @return their names, from the lowest up; none where the network tells no places, as where an ONNX model ends in a vector
     */
    public List<String> layers() {
        return lifetime.whileOpen(explaining::layers);
    }

    /**
     * Explains an image file.
     *
     * @param image a JPEG, PNG or BMP file, read as {@link ImageClassifier#predict(Path)} does
     * @return the explanation
     * @throws UnsupportedOperationException before the file is read, if no layer has a feature map, or for Grad-CAM if a layer
     *     above it is one that DL4J alone knows
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     * @throws java.io.UncheckedIOException if the file can't be read
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public Explanation explain(Path image) {
        Objects.requireNonNull(image, "image");
        return explained(() -> ImageDecoder.decode(image));
    }

    /**
     * Explains an encoded image, as {@link #explain(Path)} does.
     *
     * @param image the bytes of a JPEG, PNG or BMP file
     * @return the explanation
     */
    public Explanation explain(byte[] image) {
        Objects.requireNonNull(image, "image");
        return explained(() -> ImageDecoder.decode(image, ImageOrigin.UNNAMED));
    }

    /**
     * Explains an encoded image, as {@link #explain(Path)} does.
     *
     * @param image gives the bytes of a JPEG, PNG or BMP file; read to its end, not closed
     * @return the explanation
     */
    public Explanation explain(InputStream image) {
        Objects.requireNonNull(image, "image");
        return explained(() -> ImageDecoder.decode(image, ImageOrigin.UNNAMED));
    }

    /**
     * Explains an image in Java's memory, as {@link #explain(Path)} does.
     *
     * @param image as {@link ImageClassifier#predict(BufferedImage)} takes it
     * @return the explanation
     */
    public Explanation explain(BufferedImage image) {
        Objects.requireNonNull(image, "image");
        return explained(() -> DecodedImage.of(image, ImageOrigin.UNNAMED));
    }

    /**
     * Explains an array, as {@link #explain(Path)} does.
     *
     * @param image as {@link ImageClassifier#predict(INDArray)} takes it
     * @return the explanation
     * @throws IllegalArgumentException if the shape is another
     */
    public Explanation explain(INDArray image) {
        Objects.requireNonNull(image, "image");
        return explained(() -> DecodedImage.of(image, ImageOrigin.UNNAMED));
    }

    private Explanation explained(Supplier<? extends DecodedImage> image) {
        return lifetime.cancellable("the explanation", () -> new Explanation(explaining.explain(image, request)));
    }
}
