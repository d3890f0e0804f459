package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Images with their targets, wherever they come from: those of a dataset can be read again and again. */
public sealed interface LabelledSource permits DatasetSource, IteratorSource {
    /** The class names in the order of the targets' indices. */
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
}
