package org.transfer4j.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.CsvList.TargetList;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.label.ClassOrder;

/**
 * Images of which each has one number or several, in an order: an age, an angle, how many of something there are. Immutable
 * and safe for use by several threads. The images are those of an {@link ImageDataset}, decoded when they are asked for.
 *
 * <pre>{@code
 * RegressionDataset faces = RegressionDataset.csv(Path.of("faces.csv"));            // file,age
 * RegressionDataset parts = RegressionDataset.folder(Path.of("parts"),              // 12.5_0031.jpg
 *         file -> Double.parseDouble(file.getFileName().toString().split("_")[0]));
 * }</pre>
 *
 * <p>The numbers, the <i>targets</i>, are in units of the caller's own, finite and within a float's range. All images have the
 * same targets, each of which has a name: the headings of a CSV file, what {@link #named} says, or "target" ("target 1",
 * "target 2" where there are several).
 */
public final class RegressionDataset {
    private static final int MOST_TARGETS_NAMED = 10;

    private final List<String> targetNames;
    private final ImageDataset images;

    /** By class index of {@link #images}: images of the same numbers share one. */
    private final List<double[]> targets;

    private RegressionDataset(List<String> targetNames, ImageDataset images, List<double[]> targets) {
        this.targetNames = targetNames;
        this.images = images;
        this.targets = targets;
    }

    private static RegressionDataset of(List<String> names, ImageDataset images, List<double[]> rows) {
        if (rows.size() != images.size()) {
            throw new IllegalArgumentException("as many rows of targets as images are needed: " + images.size()
                    + " images, " + rows.size() + " rows");
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            try {
                TargetList.require(rows.get(i), names);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("row " + i + " (" + images.sourceOf(i) + "): " + e.getMessage(), e);
            }
            texts.add(Arrays.toString(rows.get(i)));
        }
        ImageDataset labelled = images.relabelled(texts);
        double[][] byClass = new double[labelled.classNames().size()][];
        for (int i = 0; i < rows.size(); i++) {
            byClass[labelled.classIndex(i)] = rows.get(i).clone();
        }
        return new RegressionDataset(names, labelled, Arrays.asList(byClass));
    }

    /**
     * Opens a CSV file of paths and numbers; like {@link #csv(Path, BrokenImages)} with {@link BrokenImages#FAIL}.
     *
     * @param list the CSV file
     * @return the dataset
     * @throws DatasetException if the file is not such a list, or a listed file is not a usable image
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while the images were checked; it
     *     stays so
     */
    public static RegressionDataset csv(Path list) {
        return csv(list, BrokenImages.FAIL);
    }

    /**
     * Opens a CSV file (RFC 4180, UTF-8 with or without byte order mark): in each row the path of an image, relative to the
     * folder of the CSV file or absolute, then one number or more, with a decimal point. White space around them is dropped,
     * blank lines are ignored. The first row is a heading, which names the targets, where its first field is a title as
     * {@link ImageDataset#csv(Path, BrokenImages)} has them: path, file, filename, image and the like.
     *
     * @param list the CSV file
     * @param broken what becomes of listed files that don't exist or are not usable images
     * @return the dataset, in the order of the rows
     * @throws DatasetException if the file does not exist or is not such a list, a number is missing or not finite, no image is
     *     usable, or, with {@link BrokenImages#FAIL}, a listed file is not a usable image; it names line and file
     * @throws java.io.UncheckedIOException if the CSV file can't be read
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while the images were checked; it
     *     stays so
     */
    public static RegressionDataset csv(Path list, BrokenImages broken) {
        Objects.requireNonNull(list, "list");
        Objects.requireNonNull(broken, "broken");
        return checked(list, TargetList.read(list), broken);
    }

    private static RegressionDataset checked(Path container, TargetList list, BrokenImages broken) {
        List<LabelledFile> files =
                list.rows().stream().map(TargetList.TargetRow::file).toList();
        FileCheck.Result result = FileCheck.check(container, files, broken);
        // a list may have an image twice, with other targets
        IdentityHashMap<LabelledFile, double[]> targets = new IdentityHashMap<>();
        list.rows().forEach(row -> targets.put(row.file(), row.targets()));
        return of(
                list.names(),
                ImageDataset.of(result),
                result.usable().stream().map(targets::get).toList());
    }

    /**
     * Opens the images of a folder and of the folders in it, of which each tells its number by its name or place; like
     * {@link #folder(Path, BrokenImages, Function)} with one number and {@link BrokenImages#FAIL}.
     *
     * @param root the folder
     * @param target gives the number of a file
     * @return the dataset
     * @throws DatasetException if there are no files, one is not a usable image, or has no finite number
     * @throws java.io.UncheckedIOException if a folder can't be listed
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while the images were checked; it
     *     stays so
     */
    public static RegressionDataset folder(Path root, ToDoubleFunction<Path> target) {
        Objects.requireNonNull(target, "target");
        return folder(root, BrokenImages.FAIL, file -> new double[] {target.applyAsDouble(file)});
    }

    /**
     * Opens the images of a folder and of the folders in it, of which each tells its numbers by its name or place. Every file
     * is an image; hidden files and folders are ignored. The order is that of their paths below the folder, by code point.
     *
     * @param root the folder
     * @param broken what becomes of files that are not usable images
     * @param targets gives the numbers of a file, as many for each; it is called once for each file
     * @return the dataset
     * @throws DatasetException if there are no files, the function fails for one or gives other than as many finite numbers as
     *     for the first, none is usable, or, with {@link BrokenImages#FAIL}, one is not a usable image; it names the file
     * @throws java.io.UncheckedIOException if a folder can't be listed
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while the images were checked; it
     *     stays so
     */
    public static RegressionDataset folder(Path root, BrokenImages broken, Function<Path, double[]> targets) {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(broken, "broken");
        Objects.requireNonNull(targets, "targets");
        List<TargetList.TargetRow> rows = new ArrayList<>();
        List<String> names = List.of();
        for (Path file : filesOf(root)) {
            double[] own = numbers(file, targets);
            names = names.isEmpty() ? TargetList.names(Math.max(1, own.length)) : names;
            try {
                TargetList.require(own, names);
            } catch (IllegalArgumentException e) {
                throw new DatasetException(file, String.valueOf(e.getMessage()), e);
            }
            rows.add(new TargetList.TargetRow(new LabelledFile(file, "", ""), own));
        }
        return checked(root, new TargetList(names, rows), broken);
    }

    private static double[] numbers(Path file, Function<Path, double[]> targets) {
        double[] numbers;
        try {
            numbers = targets.apply(file);
        } catch (RuntimeException e) {
            throw new DatasetException(file, "its number can't be told: " + e, e);
        }
        if (numbers == null) {
            throw new DatasetException(file, "its number can't be told: the function gave null");
        }
        return numbers.clone();
    }

    private static List<Path> filesOf(Path root) {
        List<Path> files = FolderReader.visibleFiles(root);
        if (files.isEmpty()) {
            throw new DatasetException(root, "has no files: images are expected in it or in the folders in it");
        }
        files.sort(Comparator.comparing(
                file -> root.relativize(file).toString().replace('\\', '/'), ClassOrder.BY_CODE_POINT));
        return files;
    }

    /**
     * Takes images from an array, with one number each. The array is not copied: it must not change while the dataset is in use.
     *
     * @param images [N, C, H, W] as for {@link ImageDataset#of(INDArray, int[])}
     * @param targets N numbers; they are copied
     * @return the dataset
     * @throws IllegalArgumentException if the shape is another, the counts differ or a number is not finite
     */
    public static RegressionDataset of(INDArray images, double... targets) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(targets, "targets");
        return of(unlabelled(images, targets.length), targets);
    }

    /**
     * Takes images from an array, with several numbers each. The array is not copied: it must not change while the dataset is in
     * use.
     *
     * @param images [N, C, H, W] as for {@link ImageDataset#of(INDArray, int[])}
     * @param targets [N][targets]; they are copied
     * @return the dataset
     * @throws IllegalArgumentException if the shape is another, the counts differ or a number is not finite
     */
    public static RegressionDataset of(INDArray images, double[][] targets) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(targets, "targets");
        return of(unlabelled(images, targets.length), targets);
    }

    private static ImageDataset unlabelled(INDArray images, int count) {
        return ImageDataset.of(images, Collections.nCopies(count, ""));
    }

    /**
     * Gives each image of a dataset a number.
     *
     * @param images the images, from whatever source; their labels are not used
     * @param targets one for each image; they are copied
     * @return the dataset, in the order of the images
     * @throws IllegalArgumentException if the counts differ or a number is not finite
     */
    public static RegressionDataset of(ImageDataset images, double... targets) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(targets, "targets");
        return of(
                TargetList.names(1),
                images,
                Arrays.stream(targets).mapToObj(target -> new double[] {target}).toList());
    }

    /**
     * Gives each image of a dataset several numbers.
     *
     * @param images the images, from whatever source; their labels are not used
     * @param targets [images][targets]; they are copied
     * @return the dataset, in the order of the images
     * @throws IllegalArgumentException if the counts differ, rows differ in length or are empty, or a number is not finite
     */
    public static RegressionDataset of(ImageDataset images, double[][] targets) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(targets, "targets");
        int count = targets.length == 0 || targets[0] == null ? 1 : Math.max(1, targets[0].length);
        return of(TargetList.names(count), images, Arrays.asList(targets));
    }

    /**
     * The same images and numbers under other names.
     *
     * @param names one for each target; they are read as labels are
     * @return the dataset with these names
     * @throws IllegalArgumentException if there are others than as many names as targets, one is empty, could not be decoded, or
     *     is there twice
     */
    public RegressionDataset named(String... names) {
        Objects.requireNonNull(names, "names");
        List<String> others = TargetList.checked(Arrays.asList(names));
        if (others.size() != targetNames.size()) {
            throw new IllegalArgumentException(
                    "each of " + targetNames.size() + " targets has a name, but these are " + others);
        }
        return new RegressionDataset(others, images, targets);
    }

    /**
     * The number of images.
     *
     * @return at least 1
     */
    public int size() {
        return images.size();
    }

    /**
     * The names of the numbers.
     *
     * @return one or more, in the order of {@link #targets(int)}, unmodifiable
     */
    public List<String> targetNames() {
        return targetNames;
    }

    /**
     * The numbers of an image.
     *
     * @param index 0 to size - 1
     * @return a new array, in the order of {@link #targetNames()}
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public double[] targets(int index) {
        return targets.get(images.classIndex(index)).clone();
    }

    /**
     * The images in the same order as a dataset of labels: images of the same numbers are a class, whose name is these numbers,
     * such as {@code [12.5]}. For all that takes images, as prediction does.
     *
     * @return the images
     */
    public ImageDataset images() {
        return images;
    }

    /**
     * Divides the images into two parts at random. Of n images n x fraction, rounded half up, go into the first, but at least one
     * into each. Which ones is drawn by {@link Random} from the seed alone; both parts keep this dataset's order.
     *
     * @param fraction the share of the first part, above 0 and below 1
     * @param seed any number; the same gives the same split on any machine
     * @return the two parts, none of them empty
     * @throws IllegalArgumentException if the fraction is not within 0 and 1
     * @throws DatasetException if there is only one image
     */
    public RegressionSplit split(double fraction, long seed) {
        Selection.requireFraction(fraction);
        if (size() < 2) {
            throw new DatasetException(null, "a split needs two images: " + this);
        }
        int[] drawn = IntStream.range(0, size()).toArray();
        Selection.shuffle(drawn, new Random(seed));
        int count = Selection.firstCount(size(), fraction);
        return new RegressionSplit(
                select(Arrays.stream(drawn, 0, count).sorted().toArray()),
                select(Arrays.stream(drawn, count, size()).sorted().toArray()));
    }

    /**
     * The first images in this dataset's order.
     *
     * @param count at least 1; a larger number than {@link #size()} gives all
     * @return the images
     * @throws IllegalArgumentException if the count is below 1
     */
    public RegressionDataset limit(int count) {
        return select(Selection.first(count, size()));
    }

    /**
     * The same images in another order, drawn by {@link Random} from the seed alone.
     *
     * @param seed any number; the same gives the same order on any machine
     * @return the images in the new order
     */
    public RegressionDataset shuffle(long seed) {
        return new RegressionDataset(targetNames, images.shuffle(seed), targets);
    }

    /**
     * Chosen images in a chosen order.
     *
     * @param indices positions in this dataset, at least one; an index may be given more than once
     * @return the images
     * @throws IllegalArgumentException if no index is given
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public RegressionDataset select(int... indices) {
        return new RegressionDataset(targetNames, images.select(indices), targets);
    }

    /**
     * A description for logs.
     *
     * @return the number of images, and lowest, highest and mean value of each target (the first, where there are many)
     */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        for (int t = 0; t < Math.min(MOST_TARGETS_NAMED, targetNames.size()); t++) {
            int target = t;
            var values = IntStream.range(0, size())
                    .mapToDouble(i -> targets.get(images.classIndex(i))[target])
                    .summaryStatistics();
            text.add(String.format(
                    Locale.ROOT,
                    "%s %.4g to %.4g (mean %.4g)",
                    targetNames.get(t),
                    values.getMin(),
                    values.getMax(),
                    values.getAverage()));
        }
        return size() + " images with " + targetNames.size() + (targetNames.size() == 1 ? " target: " : " targets: ")
                + text + (targetNames.size() > MOST_TARGETS_NAMED ? ", ..." : "");
    }
}
