package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;

/** Images with their targets, wherever they come from: those of a dataset can be read again and again. */
public sealed interface LabelledSource permits DatasetSource, IteratorSource, ComputedFeatures {
    /** Tells by what there is how it is got at. */
    <T> T accept(Visitor<T> visitor);

    /** A case for each kind of source. */
    interface Visitor<T> {
        T images(DatasetSource images);

        /** Images that can be read but once. */
        T passing(IteratorSource images);

        T features(ComputedFeatures features);
    }

    /** The class names in the order of the targets' indices. */
    List<String> classNames();

    /** How many images have each class, by index; empty where only reading them tells, until they were read. */
    Optional<int[]> classCounts();

    /** The number of images, or -1 where only reading them tells. */
    long size();

    /** Reads all images once, as they are: [n, 3, height, width]. */
    default BatchStream open(NetworkInput input, int batchSize) {
        return open(input, batchSize, Variants.NONE);
    }

    /** Reads all images once, each in all of its variants, one after the other. */
    BatchStream open(NetworkInput input, int batchSize, Variants variants);
}
