package org.transfer4j.dataset;

/** What becomes of a dataset in which some image files can't be used. */
public enum BrokenImages {
    /**
     * The dataset is refused, with an error that lists what is wrong. At opening the header and the end of each file are
     * checked; damage in between shows when the image is decoded, as an error that names the file.
     */
    FAIL,
    /**
     * The broken files are left out and reported by {@link ImageDataset#skipped()}. To find all of them every image is
     * decoded once at opening, on all processors.
     */
    SKIP
}
