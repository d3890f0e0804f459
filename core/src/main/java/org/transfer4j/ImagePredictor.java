package org.transfer4j;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.fitted.Answering;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Lifetime;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.preprocessing.Views;

/**
 * What predicts of images: a classifier, a regressor, or several classifiers as one. Any number of threads may predict at once; as
 * many compute side by side as {@code -Dtransfer4j.threads} says (default: the cores, within a container's quota).
 *
 * <p>It holds native memory until {@link #close()}; one that is forgotten is freed when the garbage collector finds it. Every
 * method but {@code toString} and {@code close} throws {@link IllegalStateException} after {@code close}, and
 * {@link org.transfer4j.error.MemoryLimitException} where the memory outside of the heap does not suffice; a prediction throws
 * {@code IllegalStateException} too where the network's weights are so large that no finite numbers come out.
 *
 * <p>Each {@code predict} exists with {@link Views} beside the image: the prediction is then the mean of those of several views of
 * it, of the probabilities after softmax or sigmoid (as A. Krizhevsky et al., 2012, and fastai's {@code tta} have it), or of a
 * regressor's numbers, each by its calibration where there is one. It is as deterministic as one view's. {@link Prediction#set}
 * refuses such a prediction, since the held-out images were looked at as they are; {@link Prediction#isKnown()} goes by the image
 * as it is.
 *
 * @param <P> what is said of an image
 */
public abstract sealed class ImagePredictor<P> implements AutoCloseable permits ClassifierEnsemble, FittedModel {
    private static final int MOST_NAMED = 10;

    private final Answering answering;
    final Lifetime lifetime;

    ImagePredictor(Answering answering, Lifetime lifetime) {
        this.answering = answering;
        this.lifetime = lifetime;
    }

    abstract P prediction(Answer answer);

    /**
     * Predicts for an image file, turned as its EXIF orientation says. Samples are taken as they are: a colour profile in the file
     * is not applied, as in training.
     *
     * @param image a JPEG, PNG or BMP file
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used, its data end early, or it is beyond
     *     the {@link org.transfer4j.preprocessing.ImageLimits} of the process
     * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits for memory that other
     *     images hold; it stays interrupted
     * @throws java.io.UncheckedIOException if the file can't be read
     */
    public final P predict(Path image) {
        return predict(image, Views.none());
    }

    /**
     * The mean of the predictions for several views of an image.
     *
     * @param image as {@link #predict(Path)} takes it
     * @param views how it is looked at
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public final P predict(Path image, Views views) {
        Objects.requireNonNull(image, "image");
        return predictDecoded(() -> ImageDecoder.decode(image), views);
    }

    /**
     * Predicts for an encoded image, as {@link #predict(Path)} does.
     *
     * @param image the bytes of a JPEG, PNG or BMP file
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public final P predict(byte[] image) {
        return predict(image, Views.none());
    }

    /**
     * The mean of the predictions for several views of an image.
     *
     * @param image as {@link #predict(byte[])} takes it
     * @param views how it is looked at
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public final P predict(byte[] image, Views views) {
        Objects.requireNonNull(image, "image");
        return predictDecoded(() -> ImageDecoder.decode(image, ImageOrigin.UNNAMED), views);
    }

    /**
     * Predicts for an encoded image, as {@link #predict(Path)} does.
     *
     * @param image gives the bytes of a JPEG, PNG or BMP file; read to its end, or to where it has more bytes than
     *     {@link org.transfer4j.preprocessing.ImageLimits} allow; not closed
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     * @throws java.io.UncheckedIOException if the stream can't be read
     */
    public final P predict(InputStream image) {
        return predict(image, Views.none());
    }

    /**
     * The mean of the predictions for several views of an image.
     *
     * @param image as {@link #predict(InputStream)} takes it
     * @param views how it is looked at
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public final P predict(InputStream image, Views views) {
        Objects.requireNonNull(image, "image");
        return predictDecoded(() -> ImageDecoder.decode(image, ImageOrigin.UNNAMED), views);
    }

    /**
     * Predicts for an image in Java's memory, which knows no EXIF orientation: {@code ImageIO.read} leaves a photo
     * lying on its side that {@link #predict(Path)} turns upright. Nor does it know the file's colour profile as such:
     * {@code ImageIO.read} may have made it its colour model, by which the pixels are then converted to sRGB, where
     * {@link #predict(Path)} takes the samples as they are, as training did. Hand files and uploads over as path, bytes or
     * stream.
     *
     * @param image of any type; gray stays gray, all else becomes RGB, alpha is dropped; it is taken to be upright
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it has more pixels than {@link org.transfer4j.preprocessing.ImageLimits}
     *     allow
     */
    public final P predict(BufferedImage image) {
        return predict(image, Views.none());
    }

    /**
     * The mean of the predictions for several views of an image.
     *
     * @param image as {@link #predict(BufferedImage)} takes it
     * @param views how it is looked at
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public final P predict(BufferedImage image, Views views) {
        Objects.requireNonNull(image, "image");
        return predictDecoded(() -> DecodedImage.of(image, ImageOrigin.UNNAMED), views);
    }

    /**
     * Predicts for an array.
     *
     * @param image one image, [C, H, W] or [1, C, H, W], one channel or three (RGB), values 0..255 (any values where
     *     the preprocessing is {@code none()})
     * @return the prediction
     * @throws IllegalArgumentException if the shape is another
     * @throws org.transfer4j.error.ImageException if the values are not pixels
     */
    public final P predict(INDArray image) {
        return predict(image, Views.none());
    }

    /**
     * The mean of the predictions for several views of an image.
     *
     * @param image as {@link #predict(INDArray)} takes it
     * @param views how it is looked at
     * @return the prediction
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public final P predict(INDArray image, Views views) {
        Objects.requireNonNull(image, "image");
        return predictDecoded(() -> DecodedImage.of(image, ImageOrigin.UNNAMED), views);
    }

    private P predictDecoded(Supplier<? extends DecodedImage> image, Views views) {
        Objects.requireNonNull(views, "views");
        return lifetime.whileOpen(() -> prediction(answering.answer(image.get(), views)));
    }

    /**
     * Predicts for a dataset's images; its labels are not used. The same images give the same numbers to the bit, however many
     * threads ask. An image alone, among up to 32, or among more is computed in batches of another size, which may change the
     * last digits: features differ by about 1e-6.
     *
     * @param data the images
     * @return one prediction an image, in the order of the data
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public final List<P> predict(ImageDataset data) {
        return predict(data, Views.none());
    }

    /**
     * The mean of the predictions for several views of each image. Each image is decoded as often as it has views.
     *
     * @param data the images
     * @param views how they are looked at
     * @return one prediction an image, in the order of the data
     * @throws ArithmeticException if there are more than 2,147,483,647 views of images
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public final List<P> predict(ImageDataset data, Views views) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(views, "views");
        return lifetime.cancellable(
                "the prediction",
                () -> answering.answers(data, views).stream()
                        .map(this::prediction)
                        .toList());
    }

    /** Names of classes or targets for logs: the first, where there are many. */
    static String first(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())))
                + (names.size() > MOST_NAMED ? ", ... (" + names.size() + ")" : "");
    }

    /** Frees native memory, once other threads have their predictions. Calling it again does nothing. */
    @Override
    public final void close() {
        lifetime.close();
    }
}
