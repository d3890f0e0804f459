package org.transfer4j.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.Views;

/**
 * Labelled images, in an order. Immutable and safe for use by several threads; images are decoded when they are asked
 * for and never kept, so that a dataset of any size takes little memory.
 *
 * <p><b>Images.</b> Files and streams are JPEG, PNG or BMP, known by their content and not by their name, within the
 * {@link org.transfer4j.preprocessing.ImageLimits} of the process (100 megapixels, 64 MB encoded). Gray images, 16-bit samples (reduced to 8), alpha (dropped), palettes and CMYK are read; EXIF orientation is
 * applied, colour profiles are not. A JPEG whose data end early is refused, also where it has an end-of-image marker.
 * Everything else is refused with an {@link org.transfer4j.error.ImageException} that names the image.
 *
 * <p><b>Classes.</b> Labels are strings in Unicode's composed form (NFC): one that comes in another form, as macOS writes
 * file names, is composed. Labels that differ otherwise are different classes, but the log warns of those that differ
 * only in case, white space or compatible forms. A label with U+FFFD, which stands for what could not be decoded, or with
 * half a surrogate pair is refused. The class table holds each label once, in the order of
 * {@link org.transfer4j.label.OneHotLabelEncoder#sortedClasses}: by value where all of them are integers, else by code
 * point (so "Zebra" comes before "ant"). The datasets made from a dataset by {@link #split}, {@link #limit},
 * {@link #select} and {@link #shuffle} keep its class table, also where a class has no image left.
 */
public final class ImageDataset {
    private static final Logger LOG = LoggerFactory.getLogger(ImageDataset.class);

    private final ImageSource source;
    private final Selection selection;
    private final List<SkippedImage> skipped;

    private ImageDataset(ImageSource source, Selection selection, List<SkippedImage> skipped) {
        this.source = source;
        this.selection = selection;
        this.skipped = skipped;
    }

    /** All images of a source, in its order. */
    static ImageDataset of(ImageSource source, Selection all) {
        if (source.size() != all.size()) {
            throw new IllegalArgumentException(
                    "as many labels as images are needed: " + source.size() + " images, " + all.size() + " labels");
        }
        return new ImageDataset(source, all, List.of());
    }

    /**
     * Opens a folder with one sub-folder for each class; like {@link #folder(Path, BrokenImages)} with
     * {@link BrokenImages#FAIL}.
     *
     * @param root the folder
     * @return the dataset
     * @throws DatasetException if the folder has no class folders, a class has no images, or a file is not a usable image
     * @throws CancellationException if the thread was interrupted while the images were checked; it stays so
     */
    public static ImageDataset folder(Path root) {
        return folder(root, BrokenImages.FAIL);
    }

    /**
     * Opens a folder with one sub-folder for each class: {@code root/<label>/<image>}. Every file in a sub-folder is an
     * image; hidden files and folders are ignored, and so are files beside the sub-folders. The order is by class folder,
     * then by file name, both by code point: {@link #shuffle} before {@link #limit}.
     *
     * <p>A name that this JVM can't decode is refused, that of a file as one that is not usable: on Linux the locale that
     * the JVM was started in says how names are decoded, and without one, as in bare containers, all that is not ASCII
     * looks alike. {@code LC_ALL=C.UTF-8} in the environment helps.
     *
     * @param root the folder
     * @param broken what becomes of files that are not usable images
     * @return the dataset
     * @throws DatasetException if the folder has no class folders, a class folder is empty or contains folders, a class has no
     *     usable image, a class folder's name can't be decoded, two of them give one label, or, with
     *     {@link BrokenImages#FAIL}, a file is not a usable image
     * @throws UncheckedIOException if a folder can't be listed
     * @throws CancellationException if the thread was interrupted while the images were checked; it stays so
     */
    public static ImageDataset folder(Path root, BrokenImages broken) {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(broken, "broken");
        return of(FileCheck.check(root, FolderReader.read(root), broken));
    }

    /**
     * Opens a CSV file of paths and labels; like {@link #csv(Path, BrokenImages)} with {@link BrokenImages#FAIL}.
     *
     * @param list the CSV file
     * @return the dataset
     * @throws DatasetException if the file is not such a list, or a listed file is not a usable image
     * @throws CancellationException if the thread was interrupted while the images were checked; it stays so
     */
    public static ImageDataset csv(Path list) {
        return csv(list, BrokenImages.FAIL);
    }

    /**
     * Opens a CSV file (RFC 4180, UTF-8 with or without byte order mark) of two columns: the path of an image, relative to
     * the folder of the CSV file or absolute, and its label. White space around both is dropped, blank lines are ignored. The
     * first row is a heading where its first field is one of the titles path, file, filename, file_name, file name,
     * filepath, image and image_path, in any case, and no file has that name. Paths are followed wherever they lead.
     *
     * @param list the CSV file
     * @param broken what becomes of listed files that don't exist or are not usable images
     * @return the dataset, in the order of the rows
     * @throws DatasetException if the file does not exist or is not such a list, a class has no usable image, or, with
     *     {@link BrokenImages#FAIL}, a listed file is not a usable image; it names line and file
     * @throws UncheckedIOException if the CSV file can't be read
     * @throws CancellationException if the thread was interrupted while the images were checked; it stays so
     */
    public static ImageDataset csv(Path list, BrokenImages broken) {
        Objects.requireNonNull(list, "list");
        Objects.requireNonNull(broken, "broken");
        return of(FileCheck.check(list, CsvList.read(list, ""), broken));
    }

    /** The files that are usable. */
    static ImageDataset of(FileCheck.Result result) {
        List<String> labels = result.usable().stream().map(LabelledFile::label).toList();
        return new ImageDataset(new ImageSource.FileList(result.usable()), Selection.all(labels), result.skipped());
    }

    /**
     * Opens a pair of IDX files, the format of MNIST: gray images of unsigned bytes (magic number 0x00000803) and their
     * labels (0x00000801), plain or compressed with gzip. The pixels are held in memory as bytes (47 MB for MNIST).
     *
     * @param images the file of images
     * @param labels the file of labels; the classes are the numbers that occur in it
     * @return the dataset
     * @throws DatasetException if a file does not exist, is of another format, damaged, truncated or longer than its header
     *     says, or the counts differ
     * @throws UncheckedIOException if a file can't be read
     */
    public static ImageDataset idx(Path images, Path labels) {
        return idx(images, labels, Selection::ofBytes);
    }

    static ImageDataset idx(Path images, Path labels, Function<int[], Selection> all) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(labels, "labels");
        ImageSource.Gray pixels = IdxReader.images(images);
        int[] numbers = IdxReader.labels(labels, count -> {
            if (count != pixels.size()) {
                throw new DatasetException(
                        images, "holds " + pixels.size() + " images, but " + labels + " holds " + count + " labels");
            }
        });
        return of(pixels, all.apply(numbers));
    }

    /**
     * Takes images from an array. The array is not copied: it must not change while the dataset is in use.
     *
     * @param images [N, C, H, W] of any number type, one channel or three in the order R, G, B, values 0..255 (or any finite
     *     values where they are used with {@code ImagePreprocessing.none()}); NaN and infinity are refused when the image is
     *     used
     * @param labels N class numbers of any value; the classes are the numbers that occur
     * @return the dataset
     * @throws IllegalArgumentException if the shape is another or the counts differ
     */
    public static ImageDataset of(INDArray images, int[] labels) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(labels, "labels");
        return of(images, Arrays.stream(labels).mapToObj(String::valueOf).toList());
    }

    /**
     * Takes images from an array, with labels of any text. The array is not copied: it must not change while the dataset is
     * in use.
     *
     * @param images [N, C, H, W] as for {@link #of(INDArray, int[])}
     * @param labels N labels; a blank one, as of an image whose label is not known, is a class of its own, and warned of beside
     *     others
     * @return the dataset
     * @throws IllegalArgumentException if the shape is another, the counts differ or a label is null
     * @throws DatasetException if a label could not be decoded
     */
    public static ImageDataset of(INDArray images, List<String> labels) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(labels, "labels");
        return of(new ImageSource.ArrayValues(images), Selection.all(labels));
    }

    /**
     * Takes encoded images from anywhere. They are opened and checked when they are used, not before.
     *
     * @param images the images; the list is copied
     * @return the dataset
     * @throws DatasetException if the list is empty, or a label could not be decoded
     */
    public static ImageDataset encoded(List<EncodedImage> images) {
        Objects.requireNonNull(images, "images");
        if (images.isEmpty()) {
            throw new DatasetException(null, "a dataset has at least one image, but the list is empty");
        }
        images.forEach(image -> Objects.requireNonNull(image, "image"));
        List<String> labels = images.stream().map(EncodedImage::label).toList();
        return of(new ImageSource.Encoded(List.copyOf(images)), Selection.all(labels));
    }

    /**
     * The number of images.
     *
     * @return at least 1
     */
    public int size() {
        return selection.size();
    }

    /**
     * The class table.
     *
     * @return the labels in the order of their class indices, unmodifiable
     */
    public List<String> classNames() {
        return selection.classNames();
    }

    /**
     * The label of an image.
     *
     * @param index 0 to size - 1
     * @return the name of its class
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public String label(int index) {
        return classNames().get(classIndex(index));
    }

    /**
     * The class of an image.
     *
     * @param index 0 to size - 1
     * @return an index into {@link #classNames()}
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int classIndex(int index) {
        return selection.classIndex(index);
    }

    /**
     * How many images each class has.
     *
     * @return a new array, by class index
     */
    public int[] classCounts() {
        return selection.classCounts();
    }

    /**
     * Decodes an image.
     *
     * @param index 0 to size - 1
     * @return a new float array [1, C, H, W] of the image's own size, one channel or three in the order R, G, B, values 0..255
     *     (from an array: its own values)
     * @throws IndexOutOfBoundsException if there is no such image
     * @throws org.transfer4j.error.ImageException if it can't be decoded
     * @throws UncheckedIOException if it can't be read
     * @throws CancellationException if the thread is interrupted while it waits for memory that other images hold; it stays
     *     interrupted
     */
    public INDArray image(int index) {
        try (DecodedImage decoded = decode(index)) {
            return decoded.toArray();
        }
    }

    /**
     * Where an image comes from, for messages.
     *
     * @param index 0 to size - 1
     * @return its file, its name, or its number in the file or array it came from
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public String sourceOf(int index) {
        return origin(index).toString();
    }

    /**
     * Identifies what an image is made of, so that what was once computed of it can be found again: SHA-256 of the encoded
     * bytes, of the pixels of an IDX file, or of the values of an array as floats, and of their shape. Neither its name nor
     * its label nor its position plays a part. The image is read but not decoded, so that damage goes unnoticed. May be
     * called by several threads at once.
     *
     * @param index 0 to size - 1
     * @return 32 bytes, a new array
     * @throws IndexOutOfBoundsException if there is no such image
     * @throws UncheckedIOException if it can't be read
     */
    public byte[] contentDigest(int index) {
        return read(index, source::contentDigest);
    }

    /**
     * The files that were left out when a folder or list was opened with {@link BrokenImages#SKIP}.
     *
     * @return the files with the reasons, empty where nothing was left out; unmodifiable
     */
    public List<SkippedImage> skipped() {
        return skipped;
    }

    /**
     * Divides the images into two parts with the same proportions of classes. Of a class with n images, n x fraction,
     * rounded half up, go into the first part, but at least one into each where there are two; a single image goes into the
     * first. Which ones is drawn by {@link Random} from the seed alone; both parts keep this dataset's order.
     *
     * @param fraction the share of the first part, above 0 and below 1
     * @param seed any number; the same gives the same split on any machine
     * @return the two parts
     * @throws IllegalArgumentException if the fraction is not within 0 and 1
     * @throws DatasetException if no class has two images, so that the second part would be empty
     */
    public DatasetSplit split(double fraction, long seed) {
        Selection.requireFraction(fraction);
        boolean[] first = selection.stratified(fraction, seed);
        int[] test = Selection.where(first, false);
        if (test.length == 0) {
            throw new DatasetException(null, "no class has two images, which a split needs: " + this);
        }
        return new DatasetSplit(select(Selection.where(first, true)), select(test));
    }

    /**
     * The first images in this dataset's order. Folders are ordered by class: {@link #shuffle} them before. The log warns
     * where the images are in the order of their classes, as a folder's are, and the limit leaves classes without images;
     * the class table has them still, and a classifier is not trained on fewer than two classes with images.
     *
     * @param count at least 1; a larger number than {@link #size()} gives all
     * @return the images
     * @throws IllegalArgumentException if the count is below 1
     */
    public ImageDataset limit(int count) {
        Selection limited = selection.limit(count);
        if (selection.isOrderedByClass()) {
            List<String> lost = lost(selection.classCounts(), limited.classCounts(), classNames());
            if (!lost.isEmpty()) {
                LOG.warn(
                        "limit({}) leaves no images of the classes {}, since the images are in the order of their classes:"
                                + " shuffle before limit",
                        count,
                        lost);
            }
        }
        return with(limited);
    }

    /** The classes that had images before. */
    static List<String> lost(int[] before, int[] after, List<String> classNames) {
        return IntStream.range(0, before.length)
                .filter(i -> before[i] > 0 && after[i] == 0)
                .mapToObj(classNames::get)
                .toList();
    }

    /**
     * The same images in another order, drawn by {@link Random} from the seed alone.
     *
     * @param seed any number; the same gives the same order on any machine
     * @return the images in the new order
     */
    public ImageDataset shuffle(long seed) {
        return with(selection.shuffle(seed));
    }

    /**
     * Chosen images in a chosen order.
     *
     * @param indices positions in this dataset, at least one; an index may be given more than once
     * @return the images
     * @throws IllegalArgumentException if no index is given
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public ImageDataset select(int... indices) {
        Objects.requireNonNull(indices, "indices");
        if (indices.length == 0) {
            throw new IllegalArgumentException("at least 1 image must remain, but no index was given");
        }
        return with(selection.select(indices));
    }

    /**
     * Reads the dataset in its order, in batches of network input.
     *
     * @param settings size, preprocessing and batch size
     * @return the batches, to be closed by the caller; decoding begins at once
     */
    public ImageBatches batches(BatchSettings settings) {
        Objects.requireNonNull(settings, "settings");
        return new ImageBatches(BatchContent.plain(this, settings));
    }

    /**
     * Reads the dataset in its order, each image in several views, in batches of network input.
     *
     * @param views all of the first image come first, then those of the second, and so on
     * @param settings size, preprocessing and batch size, which counts views
     * @return the batches, to be closed by the caller; decoding begins at once
     * @throws ArithmeticException if there are more than 2,147,483,647 views
     */
    public ImageBatches batches(Views views, BatchSettings settings) {
        Objects.requireNonNull(views, "views");
        Objects.requireNonNull(settings, "settings");
        return new ImageBatches(BatchContent.viewed(this, views, settings));
    }

    /**
     * Reads chosen images in a chosen order, augmented, in batches of network input.
     *
     * @param images positions in this dataset, at least one; an image may be read more than once
     * @param augmentation what is done to each image; others to mix in are drawn from all of this dataset
     * @param random gives the generator that all of an image's draws come from, by its place in {@code images}; it is asked
     *     by several threads at once, perhaps more than once for a place, and must give the same numbers each time
     * @param settings size, preprocessing and batch size
     * @return the batches, to be closed by the caller; decoding begins at once
     * @throws IllegalArgumentException if no image is given
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public ImageBatches augmentedBatches(
            int[] images,
            Augmentation augmentation,
            IntFunction<? extends RandomGenerator> random,
            BatchSettings settings) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(random, "random");
        Objects.requireNonNull(settings, "settings");
        return new ImageBatches(BatchContent.augmented(this, images, settings, augmentation, random));
    }

    /** Decodes an image; the caller closes it. Every error names the image. */
    DecodedImage decode(int index) {
        FirstUse.OPENCV.start();
        return read(index, source::decode);
    }

    /** What is done to one image of the source. */
    private interface Reading<T> {
        T at(int position) throws IOException;
    }

    private <T> T read(int index, Reading<T> reading) {
        try {
            return reading.at(selection.sourceIndex(index));
        } catch (TransferException | CancellationException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(index, e);
        } catch (UncheckedIOException e) {
            throw unreadable(index, Objects.requireNonNull(e.getCause()));
        } catch (RuntimeException e) {
            throw origin(index).refused("can't be read: " + e, e);
        }
    }

    private UncheckedIOException unreadable(int index, IOException cause) {
        return FileFailure.of(sourceOf(index) + " can't be read", cause);
    }

    ImageOrigin origin(int index) {
        return source.origin(selection.sourceIndex(index));
    }

    /** The same images in the same order, with other labels. */
    ImageDataset relabelled(List<String> labels) {
        return with(selection.relabelled(labels));
    }

    private ImageDataset with(Selection other) {
        return new ImageDataset(source, other, skipped);
    }

    /**
     * A description for logs.
     *
     * @return the number of images and how many each class has (the first classes, where there are many)
     */
    @Override
    public String toString() {
        return selection.toString();
    }
}
