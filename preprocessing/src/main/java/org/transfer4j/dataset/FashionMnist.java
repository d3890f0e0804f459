package org.transfer4j.dataset;

import java.nio.file.Path;
import java.util.List;
import org.transfer4j.dataset.Mnist.PublishedFiles;
import org.transfer4j.dataset.Mnist.PublishedFiles.Published;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;

/**
 * Fashion-MNIST (H. Xiao, K. Rasul, R. Vollgraf, arXiv 1708.07747): 60,000 + 10,000 gray images of 28x28 pixels of clothes,
 * bright on black, in 10 classes. Its labels are the numbers "0" to "9", as in its files; {@link #garments()} gives their
 * meaning.
 */
public final class FashionMnist {
    /**
     * SHA-256 of the files whose MD5 the publisher gives: 8d4fb7e6c68d591d4c3dfef9ec88bf0d,
     * 25c81989df183df01b3e8a0aad5dffbe, bef4ecab320f06d8554ea6380940ec79, bb300cfdad3c16e7a12a480ee83cd310. Debian
     * distributes the same compressed data under other gzip headers; with the original header (file name, 31 August
     * 2017) put back, size and MD5 agree.
     */
    private static final PublishedFiles FILES = new PublishedFiles(
            "fashion-mnist",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "Fashion-MNIST, Zalando SE, MIT",
            Checksum::sha256,
            List.of(
                    new Published(26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                    new Published(29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                    new Published(4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                    new Published(5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")));

    private static final List<String> GARMENTS = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    private FashionMnist() {}

    /**
     * What the labels mean.
     *
     * @return ten names by class index, unmodifiable
     */
    public static List<String> garments() {
        return GARMENTS;
    }

    /**
     * Opens the four files in a folder: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
     * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each also with {@code .gz}, and with a dot in place
     * of the hyphen before {@code idx}. Debian's package dataset-fashion-mnist puts them into
     * {@code /usr/share/datasets/fashion-mnist}.
     *
     * @param folder where the files are
     * @return both parts, with all ten classes
     * @throws org.transfer4j.error.DatasetException if a file is missing or damaged
     */
    public static DatasetSplit folder(Path folder) {
        return FILES.folder(folder);
    }

    /**
     * Fetches the files into the cache at the first use, 31 MB, with the default settings.
     *
     * @return both parts
     * @throws org.transfer4j.error.DownloadException if a file is neither in the cache nor to be had
     * @throws java.io.UncheckedIOException if the cache can't be written
     */
    public static DatasetSplit fetched() {
        return fetched(DownloadSettings.defaults());
    }

    /**
     * Fetches the files into the cache at the first use, 31 MB.
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
