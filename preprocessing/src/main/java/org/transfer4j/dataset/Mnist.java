package org.transfer4j.dataset;

import java.nio.file.Path;
import java.util.List;
import org.transfer4j.dataset.MnistFiles.Published;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;

/**
 * MNIST (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"): 60,000 + 10,000 gray images of 28x28
 * pixels, ink bright, in 10 classes, "0" to "9".
 */
public final class Mnist {
    /** Sizes and sums as published for this mirror; the authors of this library had no copy to check them against. */
    private static final MnistFiles FILES = new MnistFiles(
            "mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "MNIST, Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0",
            md5 -> Checksum.md5(md5).unconfirmed(),
            List.of(
                    new Published(9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                    new Published(28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
                    new Published(1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
                    new Published(4_542, "ec29112dd5afa0611ce80d1b7f02629c")));

    private Mnist() {}

    /**
     * Opens the four files in a folder: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
     * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each also with {@code .gz}, and with a dot in place
     * of the hyphen before {@code idx}.
     *
     * @param folder where the files are
     * @return both parts, with all ten classes
     * @throws org.transfer4j.error.DatasetException if a file is missing or damaged
     */
    public static DatasetSplit folder(Path folder) {
        return FILES.folder(folder);
    }

    /**
     * Fetches the files into the cache at the first use, 11.6 MB, with the default settings.
     *
     * @return both parts
     * @throws org.transfer4j.error.DownloadException if a file is neither in the cache nor to be had
     * @throws java.io.UncheckedIOException if the cache can't be written
     */
    public static DatasetSplit fetched() {
        return fetched(DownloadSettings.defaults());
    }

    /**
     * Fetches the files into the cache at the first use, 11.6 MB.
     *
     * @param settings the cache folder, a mirror, timeouts
     * @return both parts
     * @throws org.transfer4j.error.DownloadException if a file is neither in the cache nor to be had
     * @throws java.io.UncheckedIOException if the cache can't be written
     */
    public static DatasetSplit fetched(DownloadSettings settings) {
        return FILES.fetched(settings);
    }
}
