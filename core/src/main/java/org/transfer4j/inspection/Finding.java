package org.transfer4j.inspection;

import java.util.List;

/** Something in a data set that should be looked at. Its {@code toString} tells all of it on one line. */
public sealed interface Finding
        permits UnreadableImage,
                LeakedImage,
                ContradictoryLabels,
                SuspectLabel,
                RepeatedImage,
                Outlier,
                OddImage,
                RareClass,
                ClassTwins {
    /**
     * What it is about.
     *
     * @return unmodifiable; empty where it is about classes, or about a file that is in no data set
     */
    List<InspectedImage> images();

    /**
     * What is to be said of them.
     *
     * @return a few words, which don't repeat what the images are called
     */
    String note();

    /**
     * The same without paths: images are numbered.
     *
     * @return a new finding
     */
    Finding withoutPaths();
}
