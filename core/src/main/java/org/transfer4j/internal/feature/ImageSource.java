package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Labelled images wherever they come from: one of our datasets or a DL4J iterator. */
public interface ImageSource {
    /** The class names in the order of their indices. */
    List<String> classNames();

    /** How many images have each class, by index; empty where only reading them tells, until they were read. */
    Optional<int[]> classCounts();

    /** The number of images, or -1 where only reading them tells. */
    long size();

    /** Reads all images once, resized and preprocessed: [n, 3, height, width]. */
    BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize);

    /**
     * Reads all images once, each augmented in several ways, one after the other.
     *
     * @param variants how many rows each image becomes: as it is in the first epoch, in the second, and so on
     */
    BatchStream openVariants(
            int height,
            int width,
            ImagePreprocessing preprocessing,
            int batchSize,
            SeededAugmentation augmentation,
            int variants);

    /**
     * Makes examples of the dataset that is behind the source, with the source's classes.
     *
     * @return empty where there is none, and the images can be read but once
     */
    Optional<Examples> ofDataset(Function<ImageDataset, Examples> examples);

    /** The dataset behind the source, whose classes may be numbered otherwise; empty where there is none. */
    Optional<ImageDataset> behind();
}
