package org.transfer4j.similarity;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.inspection.ImageEmbedding;
import org.transfer4j.internal.distance.Distances;
import org.transfer4j.internal.distance.VectorSearch;

/**
 * The features of a dataset's images, to find those that are most like another one: by the cosine, exactly, all images are looked
 * at. Immutable; safe for many threads.
 *
 * <pre>{@code
 * FeatureIndex.of(learner, photos).save(file);
 * FeatureIndex index = FeatureIndex.load(file);                      // mapped into memory, not read into the heap
 * index.nearest(learner.embeddings(query), 5).get(0).forEach(System.out::println);
 * }</pre>
 *
 * <p>Only vectors of the same network, weights, input size and preprocessing can be compared. {@code ImageClassifier.nearest} refuses
 * an index that was made by others, {@link #requireMadeBy} does for any learner; of vectors alone the index can't tell it.
 */
public final class FeatureIndex {
    private static final int LARGEST_PART = 1 << 28;

    /** Of a digest, to be told from another one. */
    private static final int SHOWN = 12;

    private final IndexFile.Content content;

    private FeatureIndex(IndexFile.Content content) {
        this.content = content;
    }

    /**
     * Computes the features of all images and keeps them.
     *
     * @param learner what makes vectors of images: a {@code TransferLearner} or an {@code ImageClassifier}
     * @param data 1 image or more
     * @return the index, with {@link ImageDataset#sourceOf names} and labels
     * @throws IllegalArgumentException if the data is empty, an image has more than 65,536 features, or all have more than the heap
     *     (-Xmx) holds, before any are computed where {@link ImageEmbedding#embeddingWidth} tells; or a vector is not of finite
     *     numbers
     */
    public static FeatureIndex of(ImageEmbedding learner, ImageDataset data) {
        Objects.requireNonNull(learner, "learner");
        Objects.requireNonNull(data, "data");
        if (data.size() == 0) {
            throw new IllegalArgumentException("an index needs 1 image or more, got an empty dataset");
        }
        learner.embeddingWidth().ifPresent(width -> requireRoom(data.size(), width));
        try (INDArray vectors = learner.embeddings(data)) {
            List<String> images =
                    IntStream.range(0, data.size()).mapToObj(data::sourceOf).toList();
            List<String> labels =
                    IntStream.range(0, data.size()).mapToObj(data::label).toList();
            return new FeatureIndex(new IndexFile.Content(search(vectors), images, labels, learner.embeddingDigest()));
        }
    }

    /**
     * Checks that a learner's vectors can be compared with those of the index. Without an error nothing is said where either does
     * not tell what made its vectors, as an index in a file that an older version of the library wrote.
     *
     * @param learner what makes the vectors that are looked for
     * @throws IllegalArgumentException if its weights, image size or preprocessing are others
     */
    public void requireMadeBy(ImageEmbedding learner) {
        content.digest()
                .ifPresent(made -> learner.embeddingDigest().ifPresent(other -> {
                    if (!made.equals(other)) {
                        throw new IllegalArgumentException(
                                "the index was made by other weights, image size or preprocessing: what"
                                        + " made it has the digest " + made.substring(0, SHOWN)
                                        + "..., what searches it "
                                        + other.substring(0, SHOWN) + "... Search it by what made it, or make it anew:"
                                        + " FeatureIndex.of(classifier, photos)");
                    }
                }));
    }

    private static void requireRoom(long images, long width) {
        IndexFile.requireWidth(width);
        long bytes = images * width * Float.BYTES;
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "an index of %,d images with %,d features needs %,d MB of heap, but -Xmx is %,d MB;"
                            + " Head.globalAveragePooling() has fewer features than Head.flatten()",
                    images,
                    width,
                    bytes >> 20,
                    heap >> 20));
        }
    }

    private static VectorSearch search(INDArray vectors) {
        int rows = Math.toIntExact(vectors.size(0));
        requireRoom(rows, vectors.size(1));
        int width = Math.toIntExact(vectors.size(1));
        int rowsPerPart = Math.max(1, LARGEST_PART / width);
        FloatBuffer[] parts = new FloatBuffer[(rows + rowsPerPart - 1) / rowsPerPart];
        for (int part = 0; part < parts.length; part++) {
            int first = part * rowsPerPart;
            int count = Math.min(rowsPerPart, rows - first);
            float[] values = new float[count * width];
            for (int row = 0; row < count; row++) {
                System.arraycopy(unit(vectors, first + row), 0, values, row * width, width);
            }
            parts[part] = FloatBuffer.wrap(values);
        }
        return new VectorSearch(width, rows, rowsPerPart, Arrays.asList(parts), null);
    }

    /** A row brought to length 1; zeros stay. */
    private static float[] unit(INDArray vectors, int row) {
        float[] values = vectors.getRow(row).toFloatVector();
        if (!Distances.toLengthOne(values)) {
            throw new IllegalArgumentException("vector " + row + " must be of finite numbers");
        }
        return values;
    }

    /**
     * Number of images.
     *
     * @return at least 1
     */
    public int size() {
        return content.vectors().rows();
    }

    /**
     * The images that are most like others.
     *
     * @param vectors [N, features] of the others, made as those of the index were
     * @param count how many are wanted of each, 1 or more
     * @return for each vector the images of the highest cosine, the most like first, of equally like ones the first of the index;
     *     all where there are fewer
     * @throws IllegalArgumentException if the vectors have another shape or are not of finite numbers, or the count is below 1
     * @throws java.io.UncheckedIOException if somebody cut the file short that the index was loaded from
     */
    public List<List<Neighbour>> nearest(INDArray vectors, int count) {
        Objects.requireNonNull(vectors, "vectors");
        int width = content.vectors().width();
        if (vectors.rank() != 2 || vectors.size(1) != width) {
            throw new IllegalArgumentException("the index has images of " + width + " features: vectors must be [N, "
                    + width + "], got " + Arrays.toString(vectors.shape()));
        }
        if (count < 1) {
            throw new IllegalArgumentException("1 image or more must be wanted, got " + count);
        }
        return IntStream.range(0, Math.toIntExact(vectors.size(0)))
                .mapToObj(row -> neighbours(unit(vectors, row), count))
                .toList();
    }

    private List<Neighbour> neighbours(float[] vector, int count) {
        return content.vectors().largest(vector, count).stream()
                .map(found -> new Neighbour(
                        found.row(),
                        content.images().get(found.row()),
                        content.labels().get(found.row()),
                        // unit vectors are of length 1 but for rounding
                        Math.max(-1, Math.min(1, found.product()))))
                .toList();
    }

    /**
     * Writes the index: features, names and labels, with a checksum.
     *
     * @param file replaced whole or not at all; its folder must exist
     * @throws IllegalArgumentException if a name or label has more than 65,536 bytes, or all have more than 2^31 - 1
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void save(Path file) {
        IndexFile.write(file, content);
    }

    /**
     * Opens a saved index: its features are mapped into memory, which the system reads and drops as it likes, and read once for
     * the checksum. The file must stay as it is while the index is used.
     *
     * @param file what {@link #save} wrote
     * @return the index
     * @throws org.transfer4j.error.ModelFileException if it is no index, or damaged
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static FeatureIndex load(Path file) {
        return new FeatureIndex(IndexFile.open(Objects.requireNonNull(file, "file")));
    }
}
