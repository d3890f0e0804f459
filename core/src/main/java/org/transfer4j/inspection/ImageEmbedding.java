package org.transfer4j.inspection;

import java.util.Optional;
import java.util.OptionalLong;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;

/** What makes vectors of images, of which those of like images are near each other: an {@code org.transfer4j.TransferLearner} or {@code ImageClassifier}. */
public interface ImageEmbedding {
    /**
     * One vector an image.
     *
     * @param data the images; labels are not used
     * @return [N, features] in the order of the data, float, finite
     */
    INDArray embeddings(ImageDataset data);

    /**
     * How many features a vector has: known before the first is computed, so that too many are refused before the work.
     *
     * @return empty, the default, where only computing one tells
     */
    default OptionalLong embeddingWidth() {
        return OptionalLong.empty();
    }

    /**
     * What tells its vectors from those of others: the same where the weights below the head, the image size and the preprocessing
     * are. It reads all weights.
     *
     * @return SHA-256 as 64 lower-case hexadecimal digits; empty, the default, where it is not known
     */
    default Optional<String> embeddingDigest() {
        return Optional.empty();
    }
}
