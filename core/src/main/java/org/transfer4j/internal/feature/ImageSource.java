package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Labelled images wherever they come from: one of our datasets or a DL4J iterator. */
public interface ImageSource {
    /** The class names in the order of their indices. */
    List<String> classNames();

    /** The number of images, or -1 where only reading them tells. */
    long size();

    /** Reads all images once, resized and preprocessed: [n, 3, height, width]. */
    BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize);

    /**
     * The images as examples for a network without frozen layers, decoded anew in each epoch.
     *
     * @return empty where they can be read but once
     */
    Optional<Examples> rereadable(int height, int width, ImagePreprocessing preprocessing);
}
