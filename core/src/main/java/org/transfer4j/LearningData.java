package org.transfer4j;

import java.util.List;
import java.util.Optional;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.LabelSets;
import org.transfer4j.internal.feature.RelabelledSource;

/** What a learner is given to learn from or to measure with, before it is known for which head and which classes. */
sealed interface LearningData permits OneLabelData, SeveralLabelsData, IteratedData {
    /** The class names in the order of their indices. */
    List<String> classNames();

    /** How many images have each class, by index; empty where only reading them tells. */
    Optional<int[]> classCounts();

    /** The number of images, or -1 where only reading them tells. */
    long size();

    /** Whether the images can be read again and again. */
    boolean isRereadable();

    /**
     * The images for a head that gives each of them one class.
     *
     * @param what what they are for, for messages
     * @throws IllegalArgumentException if they have several
     * @throws org.transfer4j.error.DatasetException if they have other classes
     */
    ImageSource ofOneLabel(List<String> classNames, String what);

    /**
     * The images for a head that gives each of them any classes.
     *
     * @throws IllegalArgumentException if they have one each
     * @throws org.transfer4j.error.DatasetException if they have other classes
     */
    ImageSource ofLabelSets(LabelSets sets, String what);

    /** Some of them, drawn by a seed; of those that can be read again and again. */
    LearningData sample(int count, long seed);

    /** Divides them; the second part is for validation. */
    LearningDataSplit split(double fraction, long seed);

    /** A source with its classes in another order, or the source as it is. */
    static ImageSource renamed(ImageSource source, List<String> classNames, String what) {
        return source.classNames().equals(classNames) ? source : new RelabelledSource(source, classNames, what);
    }
}
