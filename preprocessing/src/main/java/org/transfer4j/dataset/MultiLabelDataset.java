package org.transfer4j.dataset;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.dataset.Selection.IterativeStratification;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;

/**
 * Images of which each has any number of labels, also none, in an order: a photo of a beach at sunset has both. Immutable
 * and safe for use by several threads. The images are those of an {@link ImageDataset}, decoded when they are asked for.
 *
 * <pre>{@code
 * MultiLabelDataset photos = MultiLabelDataset.csv(Path.of("photos.csv"), "|", BrokenImages.FAIL); // beach.jpg,sea|sunset
 * }</pre>
 *
 * <p><b>Classes.</b> Labels are read as {@link ImageDataset}'s, and the class table holds each of them once, in the same order: by
 * value where all of them are integers, else by code point. The datasets made from a dataset by {@link #split}, {@link #limit},
 * {@link #select} and {@link #shuffle} keep it.
 */
public final class MultiLabelDataset {
    private static final Logger LOG = LoggerFactory.getLogger(MultiLabelDataset.class);

    private final List<String> classNames;
    private final ImageDataset images;

    /** By class index of {@link #images}. */
    private final List<Set<String>> labelSets;

    private MultiLabelDataset(List<String> classNames, ImageDataset images, List<Set<String>> labelSets) {
        this.classNames = classNames;
        this.images = images;
        this.labelSets = labelSets;
    }

    /**
     * Takes the one label of each image for a list of labels, as it is found in the second column of a CSV file. White
     * space around the labels is dropped, and so are empty labels: the separator alone stands for no label at all.
     *
     * @param images the images, from whatever source
     * @param separator what stands between two labels, for example {@code "|"}; as it is, not a regular expression
     * @return the dataset, in the order of the images
     * @throws IllegalArgumentException if the separator is empty
     * @throws DatasetException if no image has a label
     */
    public static MultiLabelDataset of(ImageDataset images, String separator) {
        Objects.requireNonNull(images, "images");
        Function<String, List<String>> splitting = splitting(separator);
        return of(
                images,
                IntStream.range(0, images.size())
                        .mapToObj(i -> splitting.apply(images.label(i)))
                        .toList());
    }

    private static Function<String, List<String>> splitting(String separator) {
        Objects.requireNonNull(separator, "separator");
        if (separator.isEmpty()) {
            throw new IllegalArgumentException("a separator of labels has one character or more, but was empty");
        }
        Pattern pattern = Pattern.compile(Pattern.quote(separator));
        return labels -> pattern.splitAsStream(labels)
                .map(String::strip)
                .filter(label -> !label.isEmpty())
                .toList();
    }

    /**
     * Opens the images of a list, like {@link ImageDataset#csv(Path, BrokenImages)}, whose second column holds any number of
     * labels. With {@link BrokenImages#SKIP} each single label must have an image that can be used, whatever others stand
     * beside it.
     *
     * @param list a CSV file in UTF-8 of image paths, relative to its folder, and labels
     * @param separator what stands between two labels, for example {@code "|"}; as it is, not a regular expression; alone it
     *     stands for no label at all
     * @param broken what becomes of listed files that don't exist or are not usable images
     * @return the dataset, in the order of the rows
     * @throws IllegalArgumentException if the separator is empty
     * @throws DatasetException if the file does not exist or is not such a list, no image has a label, a label has no usable
     *     image, or, with {@link BrokenImages#FAIL}, a listed file is not a usable image; it names line and file
     * @throws java.io.UncheckedIOException if the CSV file can't be read
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while the images were checked; it
     *     stays so
     */
    public static MultiLabelDataset csv(Path list, String separator, BrokenImages broken) {
        Objects.requireNonNull(list, "list");
        Objects.requireNonNull(broken, "broken");
        Function<String, List<String>> splitting = splitting(separator);
        List<LabelledFile> files = CsvList.read(list, "; " + separator + " alone stands for no label");
        return of(ImageDataset.of(FileCheck.check(list, files, broken, splitting)), separator);
    }

    /**
     * Takes images from an array. The array is not copied: it must not change while the dataset is in use.
     *
     * @param images [N, C, H, W] as for {@link ImageDataset#of(INDArray, int[])}
     * @param labels for each image its labels; they are copied
     * @return the dataset
     * @throws IllegalArgumentException if the shape is another, the counts differ or a label is null
     * @throws DatasetException if no image has a label, or a label could not be decoded
     */
    public static MultiLabelDataset of(INDArray images, List<? extends Collection<String>> labels) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(labels, "labels");
        return of(ImageDataset.of(images, Collections.nCopies(labels.size(), "")), labels);
    }

    /**
     * Gives the images of a dataset other labels.
     *
     * @param images the images; their own labels are not used
     * @param labels for each image its labels; they are copied
     * @return the dataset, in the order of the images
     * @throws IllegalArgumentException if the counts differ or a label is null
     * @throws DatasetException if no image has a label, or a label could not be decoded
     */
    public static MultiLabelDataset of(ImageDataset images, List<? extends Collection<String>> labels) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(labels, "labels");
        if (labels.size() != images.size()) {
            throw new IllegalArgumentException("as many sets of labels as images are needed: " + images.size()
                    + " images, " + labels.size() + " sets");
        }
        labels.forEach(ofImage -> Objects.requireNonNull(ofImage, "labels of an image"));
        List<List<String>> read = labels.stream().map(LabelText::read).toList();
        List<String> classNames =
                ClassOrder.sorted(read.stream().flatMap(Collection::stream).toList());
        if (classNames.isEmpty()) {
            throw new DatasetException(null, "none of the " + images.size() + " images has a label");
        }
        LabelText.warnOfTwins("the dataset", classNames);
        LabelText.warnOfBlank("the dataset", classNames);
        List<String> names = read.stream().map(MultiLabelDataset::name).toList();
        ImageDataset named = images.relabelled(names);
        return new MultiLabelDataset(classNames, named, labelSets(named, read, classNames));
    }

    /** One text for one set, whatever is in the labels. */
    private static String name(Collection<String> labels) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        new TreeSet<>(labels).forEach(array::add);
        return array.toString();
    }

    private static List<Set<String>> labelSets(ImageDataset named, List<List<String>> labels, List<String> classNames) {
        List<Set<String>> sets =
                new ArrayList<>(Collections.nCopies(named.classNames().size(), Set.of()));
        for (int i = 0; i < named.size(); i++) {
            int number = named.classIndex(i);
            if (sets.get(number).isEmpty()) {
                Collection<String> ofImage = Set.copyOf(labels.get(i));
                sets.set(
                        number,
                        classNames.stream()
                                .filter(ofImage::contains)
                                .collect(Collectors.toCollection(LinkedHashSet::new)));
            }
        }
        return sets.stream().map(Collections::unmodifiableSet).toList();
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
     * The class table.
     *
     * @return the labels in the order of their class indices, unmodifiable
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * The labels of an image.
     *
     * @param index 0 to size - 1
     * @return its labels in the order of the class table, perhaps none; unmodifiable
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public Set<String> labels(int index) {
        return labelSets.get(images.classIndex(index));
    }

    /**
     * How many images have each label.
     *
     * @return a new array, by class index
     */
    public int[] classCounts() {
        int[] counts = new int[classNames.size()];
        int[] sets = images.classCounts();
        for (int set = 0; set < sets.length; set++) {
            for (int c : classIndices(set)) {
                counts[c] += sets[set];
            }
        }
        return counts;
    }

    private int[] classIndices(int set) {
        return IntStream.range(0, classNames.size())
                .filter(c -> labelSets.get(set).contains(classNames.get(c)))
                .toArray();
    }

    /**
     * The images in the same order as a dataset of one label each: each set of labels that occurs is a class, whose name
     * is a JSON array of the labels, such as {@code ["sea","sunset"]}. For all that takes images, as prediction does.
     *
     * @return the images
     */
    public ImageDataset images() {
        return images;
    }

    /**
     * Divides the images into two parts that have each label in about the same proportion, by iterative stratification
     * (Sechidis et al., 2011): rare labels are dealt out first. The sizes are about the fraction's. Which images go where
     * is drawn by {@link java.util.Random} from the seed alone; both parts keep this dataset's order.
     *
     * @param fraction the share of the first part, above 0 and below 1
     * @param seed any number; the same gives the same split on any machine
     * @return the two parts, none of them empty
     * @throws IllegalArgumentException if the fraction is not within 0 and 1
     * @throws DatasetException if there is only one image
     */
    public MultiLabelSplit split(double fraction, long seed) {
        Selection.requireFraction(fraction);
        if (size() < 2) {
            throw new DatasetException(null, "a split needs two images: " + this);
        }
        int[][] classesOfSet = IntStream.range(0, labelSets.size())
                .mapToObj(this::classIndices)
                .toArray(int[][]::new);
        int[][] classesOfImage = IntStream.range(0, size())
                .mapToObj(i -> classesOfSet[images.classIndex(i)])
                .toArray(int[][]::new);
        boolean[] first = IterativeStratification.firstPart(classesOfImage, classNames.size(), fraction, seed);
        return new MultiLabelSplit(select(Selection.where(first, true)), select(Selection.where(first, false)));
    }

    /**
     * The first images in this dataset's order. The log warns of labels that no image is left of: {@link #shuffle} before.
     *
     * @param count at least 1; a larger number than {@link #size()} gives all
     * @return the images
     * @throws IllegalArgumentException if the count is below 1
     */
    public MultiLabelDataset limit(int count) {
        // not by limit: what it would warn of are sets of labels
        MultiLabelDataset limited = select(Selection.first(count, size()));
        List<String> lost = ImageDataset.lost(classCounts(), limited.classCounts(), classNames);
        if (!lost.isEmpty()) {
            LOG.warn("limit({}) leaves no images with the labels {}: shuffle before limit, or take more", count, lost);
        }
        return limited;
    }

    /**
     * The same images in another order, drawn by {@link java.util.Random} from the seed alone.
     *
     * @param seed any number; the same gives the same order on any machine
     * @return the images in the new order
     */
    public MultiLabelDataset shuffle(long seed) {
        return with(images.shuffle(seed));
    }

    /**
     * Chosen images in a chosen order.
     *
     * @param indices positions in this dataset, at least one; an index may be given more than once
     * @return the images
     * @throws IllegalArgumentException if no index is given
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public MultiLabelDataset select(int... indices) {
        return with(images.select(indices));
    }

    private MultiLabelDataset with(ImageDataset others) {
        return new MultiLabelDataset(classNames, others, labelSets);
    }

    /**
     * A description for logs.
     *
     * @return the number of images and how many have each label (the first classes, where there are many)
     */
    @Override
    public String toString() {
        return size() + " images, " + classNames.size() + " classes of which each image may have several: "
                + Selection.counted(classNames, classCounts());
    }
}
