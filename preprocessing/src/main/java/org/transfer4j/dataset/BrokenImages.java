package org.transfer4j.dataset;

/** What becomes of a dataset in which some image files can't be used. */
public enum BrokenImages {
    /**
     * The dataset is refused, with an error that lists what is wrong. At opening the header and the end of each file are
     * checked; damage in between (a JPEG whose data end early although it has an end, too many scans) shows when the image is
     * decoded, as an error that names the file.
     */
    FAIL,
    /**
     * The broken files, and those beyond a limit, are left out, reported by {@link ImageDataset#skipped()}, and named in the
     * log. To find all of them every image is
     * decoded once at opening, on all processors.
     */
    SKIP
}
