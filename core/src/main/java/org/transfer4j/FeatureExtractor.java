package org.transfer4j;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Objects;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Lifetime;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;

/**
 * The frozen layers of a learner, ready to compute: from an image to the vector that a head would learn from, flattened or
 * averaged as the learner's head begins. For services that embed images, and to send the layers to other machines in one
 * file. Comes from {@link TransferLearner#extractor()} or {@link #load(Path)}. Any number of threads may ask at once.
 *
 * <p>It holds native memory until {@link #close()}; one that is forgotten is freed when the garbage collector finds it. Every
 * method but {@code length}, {@code toString} and {@code close} throws {@link IllegalStateException} after {@code close}, and
 * {@link org.transfer4j.error.MemoryLimitException} where the memory outside of the heap does not suffice.
 */
public final class FeatureExtractor implements AutoCloseable {
    private final Extractor extractor;
    private final Lifetime lifetime;

    /** What it tells of itself after {@link #close} too. */
    private final int length;

    private final String description;

    FeatureExtractor(Extractor extractor) {
        this.extractor = extractor;
        this.lifetime = new Lifetime("feature extractor", extractor::close);
        this.length = extractor.length();
        this.description = "FeatureExtractor[" + extractor + "]";
    }

    /**
     * The features of an image file, turned as its EXIF orientation says.
     *
     * @param image a JPEG, PNG or BMP file
     * @return {@link #length()} numbers; of a map of features, those of its first channel come first, row by row
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     * @throws java.io.UncheckedIOException if the file can't be read
     */
    public float[] features(Path image) {
        Objects.requireNonNull(image, "image");
        return lifetime.whileOpen(() -> extractor.features(ImageDecoder.decode(image)));
    }

    /**
     * The features of an encoded image, as {@link #features(Path)} gives them.
     *
     * @param image the bytes of a JPEG, PNG or BMP file
     * @return {@link #length()} numbers
     * @throws org.transfer4j.error.ImageException if it is not an image that can be used
     */
    public float[] features(byte[] image) {
        Objects.requireNonNull(image, "image");
        return lifetime.whileOpen(() -> extractor.features(ImageDecoder.decode(image, ImageOrigin.UNNAMED)));
    }

    /**
     * The features of an image in Java's memory, which knows no EXIF orientation; see
     * {@link ImageClassifier#predict(BufferedImage)}.
     *
     * @param image of any type
     * @return {@link #length()} numbers
     * @throws org.transfer4j.error.ImageException if it has more pixels than {@link org.transfer4j.preprocessing.ImageLimits}
     *     allow
     */
    public float[] features(BufferedImage image) {
        Objects.requireNonNull(image, "image");
        return lifetime.whileOpen(() -> extractor.features(DecodedImage.of(image, ImageOrigin.UNNAMED)));
    }

    /**
     * How many features an image has.
     *
     * @return their number
     */
    public int length() {
        return length;
    }

    /**
     * Writes it into one file: layers, weights, preprocessing and size, whole or not at all.
     *
     * @param file the file, usually named {@code .t4j}; its folder must exist
     * @throws IllegalArgumentException if it has a layer that can't be stored
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void save(Path file) {
        Objects.requireNonNull(file, "file");
        lifetime.runWhileOpen(() -> extractor.write(file));
    }

    /**
     * Reads what {@link #save} wrote. Nothing in the file is executed; shapes, sizes and memory are proven before anything is
     * allocated for it.
     *
     * @param file the file
     * @return the extractor, to be closed by the caller
     * @throws org.transfer4j.error.ModelFileException if the file is damaged, none of these, of a newer format, or holds a
     *     network that can't be computed
     * @throws org.transfer4j.error.MemoryLimitException if its network needs more memory than {@code transfer4j.memory}
     *     allows
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static FeatureExtractor load(Path file) {
        Objects.requireNonNull(file, "file");
        return new FeatureExtractor(Extractor.read(file));
    }

    /**
     * A description for logs.
     *
     * @return backbone, its last layer, size of the images, preprocessing and number of features
     */
    @Override
    public String toString() {
        return description;
    }

    /** Frees native memory, once other threads have their features. Calling it again does nothing. */
    @Override
    public void close() {
        lifetime.close();
    }
}
