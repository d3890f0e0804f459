package org.transfer4j.dataset;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.transfer4j.dataset.Mnist.PublishedFiles.Published;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.download.Downloader;
import org.transfer4j.internal.download.RemoteFile;

/**
 * MNIST (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"): 60,000 + 10,000 gray images of 28x28
 * pixels, ink bright, in 10 classes, "0" to "9".
 */
public final class Mnist {
    /** Sizes and sums as published for this mirror; the authors of this library had no copy to check them against. */
    private static final PublishedFiles FILES = new PublishedFiles(
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

    /** The four IDX files in which MNIST and the datasets modelled on it are published: ten classes, two parts. */
    static final class PublishedFiles {
        private static final int CLASSES = 10;
        private static final String SUFFIX = ".gz";

        private static final List<String> NAMES = List.of(
                "train-images-idx3-ubyte",
                "train-labels-idx1-ubyte",
                "t10k-images-idx3-ubyte",
                "t10k-labels-idx1-ubyte");

        private final List<RemoteFile> files;

        /**
         * Files of one publisher.
         *
         * @param checksum what the hashes are
         * @param published train images, train labels, test images, test labels
         */
        PublishedFiles(
                String cacheFolder,
                String source,
                String licence,
                Function<String, Checksum> checksum,
                List<Published> published) {
            this.files = IntStream.range(0, NAMES.size())
                    .mapToObj(i -> new RemoteFile(
                            cacheFolder + "/" + NAMES.get(i) + SUFFIX,
                            URI.create(source + NAMES.get(i) + SUFFIX),
                            published.get(i).size(),
                            checksum.apply(published.get(i).hash()),
                            licence))
                    .toList();
        }

        /** One compressed file as it is published. */
        record Published(long size, String hash) {}

        DatasetSplit folder(Path folder) {
            return read(file -> locate(folder, file));
        }

        DatasetSplit fetched(DownloadSettings settings) {
            return read(new Downloader(settings)::fetch);
        }

        private DatasetSplit read(Function<RemoteFile, Path> location) {
            List<Path> paths = files.stream().map(location).toList();
            return new DatasetSplit(part(paths.get(0), paths.get(1)), part(paths.get(2), paths.get(3)));
        }

        /** The class table is the same for both parts, also where somebody cut the files down. */
        private static ImageDataset part(Path images, Path labels) {
            List<String> names =
                    IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList();
            return ImageDataset.idx(images, labels, indices -> {
                for (int index : indices) {
                    if (index >= CLASSES) {
                        throw new DatasetException(
                                labels, "labels must be 0 to " + (CLASSES - 1) + ", but one is " + index);
                    }
                }
                return Selection.all(names, indices);
            });
        }

        /** Unpacking tools turn the hyphen before idx into a dot, or don't unpack. */
        private static Path locate(Path folder, RemoteFile file) {
            String packed = file.fileName();
            String plain = packed.substring(0, packed.length() - SUFFIX.length());
            String dotted = plain.replace("-idx", ".idx");
            List<String> names = List.of(plain, packed, dotted, dotted + SUFFIX);
            return names.stream()
                    .map(folder::resolve)
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .orElseThrow(
                            () -> new DatasetException(folder, "has none of the files " + String.join(", ", names)));
        }
    }
}
