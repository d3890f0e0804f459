package org.transfer4j.dataset;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.download.Downloader;
import org.transfer4j.internal.download.RemoteFile;

/** The four IDX files in which MNIST and the datasets modelled on it are published: ten classes, two parts. */
final class MnistFiles {
    private static final int CLASSES = 10;
    private static final String SUFFIX = ".gz";

    private static final List<String> NAMES = List.of(
            "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

    private final List<RemoteFile> files;

    /**
     * Files of one publisher.
     *
     * @param checksum what the hashes are
     * @param published train images, train labels, test images, test labels
     */
    MnistFiles(
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
                .orElseThrow(() -> new DatasetException(folder, "has none of the files " + String.join(", ", names)));
    }
}
