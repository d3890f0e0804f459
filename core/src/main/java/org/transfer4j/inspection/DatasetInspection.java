package org.transfer4j.inspection;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.chart.Thumbnails;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.natives.FirstUse;

/**
 * What should be looked at in a data set before anything is learned from it: images that can't be read, that are there
 * twice, in two parts or under two labels, labels that are probably wrong, images unlike the others, classes that are rare
 * or perhaps one.
 *
 * <pre>{@code
 * DatasetInspection inspection = DatasetInspection.of(TransferLearner.tinyResNet(), photos);
 * System.out.println(inspection);
 * inspection.html(Path.of("photos.html"));
 * }</pre>
 *
 * <p><b>How.</b> Each image is read twice: once for its pixels, and once, where it can be read, by the learner's whole
 * backbone, of which the features are kept in its feature cache if it has one. Copies are the same bytes, or images whose
 * features are within a tenth of the median distance from the nearest image that looks otherwise (0.7 of it, where small copies
 * of them differ by no more than 2% of their range). Labels are judged by confident learning (C. Northcutt, L. Jiang and I. Chuang, 2021, "prune
 * by class") from the probabilities of a logistic regression that is cross-validated in five parts; of what it takes, those
 * are told that are more probably wrong than right, if wrong labels are put by chance. That is done three times, without what
 * was suspect before. Outliers are far from their ten nearest neighbours. All of it is the same for the same data.
 *
 * <p><b>Limits.</b> All images are compared with all others: the time grows with the square of their number, the memory does
 * not (features x 4 bytes an image and some hundred bytes). What is suspect is not always wrong: hard images are among them,
 * and the better the features are for the task, the fewer. Images that have several labels, those of a
 * {@link org.transfer4j.dataset.MultiLabelDataset}, are not inspected: confident learning is about one label an image.
 */
public final class DatasetInspection {
    private static final int MOST_LISTED = 10;

    private final long size;
    private final List<ClassCount> classes;
    private final List<ImageForm> forms;
    private final Map<Kind, List<Finding>> findings;
    private final int[] sound;
    private final Function<InspectedImage, byte[]> pictures;

    private DatasetInspection(
            long size,
            List<ClassCount> classes,
            List<ImageForm> forms,
            Map<Kind, List<Finding>> findings,
            int[] sound,
            Function<InspectedImage, byte[]> pictures) {
        this.size = size;
        this.classes = classes;
        this.forms = forms;
        this.findings = findings;
        this.sound = sound;
        this.pictures = pictures;
    }

    /**
     * Inspects a data set.
     *
     * @param learner what makes features of its images, a {@code TransferLearner}; nothing is trained but a probe, and the
     *     learner need not know the labels
     * @param data labelled images, best opened with {@link org.transfer4j.dataset.BrokenImages#SKIP}
     * @return what was found
     * @throws org.transfer4j.error.DatasetException if fewer than two classes have five images that can be read, before
     *     any features are computed
     * @throws IllegalArgumentException if there are more features than arrays can hold, before any are computed where
     *     {@link ImageEmbedding#embeddingWidth} tells how many an image has
     * @throws org.transfer4j.error.TransferException if memory does not suffice, or the learner's weights can't be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public static DatasetInspection of(ImageEmbedding learner, ImageDataset data) {
        Objects.requireNonNull(learner, "learner");
        Objects.requireNonNull(data, "data");
        return inspect(learner, List.of(""), List.of(data));
    }

    /**
     * Inspects both parts of a split, together: the same image must not be in both.
     *
     * @param learner as {@link #of(ImageEmbedding, ImageDataset)}
     * @param split its parts are called {@code training} and {@code test}
     * @return what was found
     * @throws org.transfer4j.error.TransferException as {@link #of(ImageEmbedding, ImageDataset)}
     */
    public static DatasetInspection of(ImageEmbedding learner, DatasetSplit split) {
        Objects.requireNonNull(learner, "learner");
        Objects.requireNonNull(split, "split");
        return inspect(learner, List.of("training", "test"), List.of(split.train(), split.test()));
    }

    /**
     * Inspects three parts together.
     *
     * @param learner as {@link #of(ImageEmbedding, ImageDataset)}
     * @param training the images to learn from
     * @param validation those to choose with
     * @param test those to measure with
     * @return what was found
     * @throws org.transfer4j.error.TransferException as {@link #of(ImageEmbedding, ImageDataset)}
     */
    public static DatasetInspection of(
            ImageEmbedding learner, ImageDataset training, ImageDataset validation, ImageDataset test) {
        Objects.requireNonNull(learner, "learner");
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(validation, "validation");
        Objects.requireNonNull(test, "test");
        return inspect(learner, List.of("training", "validation", "test"), List.of(training, validation, test));
    }

    private static DatasetInspection inspect(ImageEmbedding learner, List<String> names, List<ImageDataset> parts) {
        FirstUse.ND4J.start();
        Objects.requireNonNull(learner, "learner");
        Map<String, ImageDataset> byName = new LinkedHashMap<>();
        IntStream.range(0, parts.size()).forEach(i -> byName.put(names.get(i), parts.get(i)));
        Subject subject = Subject.of(learner, byName);
        Map<Kind, List<Finding>> findings = new LinkedHashMap<>();
        Kind.ALL.forEach(kind -> findings.put(kind, List.copyOf(kind.find().apply(subject))));
        return new DatasetInspection(
                subject.size(),
                ClassCount.of(subject),
                ImageForm.of(subject),
                findings,
                sound(subject, findings.values().stream().flatMap(List::stream).toList()),
                image -> new Thumbnails(Objects.requireNonNull(byName.get(image.part()))).apply(image.index()));
    }

    private static int[] sound(Subject subject, List<Finding> findings) {
        String first = subject.partNames().get(0);
        Set<InspectedImage> unsound = new HashSet<>();
        for (Finding finding : findings) {
            if (finding instanceof LeakedImage
                    || finding instanceof ContradictoryLabels
                    || finding instanceof SuspectLabel) {
                unsound.addAll(finding.images());
            } else if (finding instanceof RepeatedImage) {
                unsound.addAll(finding.images().subList(1, finding.images().size()));
            }
        }
        return IntStream.range(0, subject.size())
                .mapToObj(subject::image)
                .filter(image -> image.part().equals(first) && !unsound.contains(image))
                .mapToInt(InspectedImage::index)
                .toArray();
    }

    /**
     * How many images a class has.
     *
     * @param part the data set's name, or ""
     * @param name the class
     * @param count images that can be read
     */
    public record ClassCount(String part, String name, int count) {
        private static List<ClassCount> of(Subject subject) {
            List<ClassCount> all = new ArrayList<>();
            for (int part = 0; part < subject.partNames().size(); part++) {
                int[] counts = subject.counts(part);
                for (int c = 0; c < counts.length; c++) {
                    all.add(new ClassCount(
                            subject.partNames().get(part), subject.classNames().get(c), counts[c]));
                }
            }
            return List.copyOf(all);
        }
    }

    /**
     * How many images have a size and so many channels.
     *
     * @param width in pixels
     * @param height in pixels
     * @param channels 1 or 3
     * @param count images
     */
    public record ImageForm(int width, int height, int channels, long count) {
        private static List<ImageForm> of(Subject subject) {
            Map<List<Integer>, Long> counts = IntStream.range(0, subject.size())
                    .mapToObj(subject::look)
                    .collect(Collectors.groupingBy(
                            look -> List.of(look.width(), look.height(), look.channels()),
                            LinkedHashMap::new,
                            Collectors.counting()));
            return counts.entrySet().stream()
                    .map(each -> new ImageForm(
                            each.getKey().get(0),
                            each.getKey().get(1),
                            each.getKey().get(2),
                            each.getValue()))
                    .sorted(Comparator.comparingLong(ImageForm::count).reversed())
                    .toList();
        }

        /**
         * In one line.
         *
         * @return for example {@code 640x480 in colour}
         */
        @Override
        public String toString() {
            return width + "x" + height + (channels == 1 ? " gray" : " in colour");
        }
    }

    /**
     * The number of images that can be read, of all parts.
     *
     * @return 10 or more
     */
    public long size() {
        return size;
    }

    /**
     * How many images each class has, part by part, in the order of the class tables.
     *
     * @return an unmodifiable list
     */
    public List<ClassCount> classes() {
        return classes;
    }

    /**
     * Which sizes and channels the images have, the most frequent first.
     *
     * @return an unmodifiable list
     */
    public List<ImageForm> forms() {
        return forms;
    }

    /**
     * All that was found, the gravest kinds first.
     *
     * @return an unmodifiable list
     */
    public List<Finding> findings() {
        return findings.values().stream().flatMap(List::stream).toList();
    }

    /**
     * What was found of one kind.
     *
     * @param kind its record, {@code Outlier.class} for example
     * @param <F> the same
     * @return an unmodifiable list, in the order in which they should be looked at
     */
    public <F extends Finding> List<F> findings(Class<F> kind) {
        return findings().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /**
     * Labels that are probably wrong.
     *
     * @return the most doubtful first, unmodifiable
     */
    public List<SuspectLabel> suspectLabels() {
        return findings(SuspectLabel.class);
    }

    /**
     * The images of the first part that nothing speaks against learning from: they can be read, their labels are not
     * suspect, no other label is on the same picture, of copies it is the first, and they are in no other part. Outliers and
     * odd images are among them.
     *
     * <pre>{@code
     * learner.fit(photos.select(inspection.soundImages()));
     * }</pre>
     *
     * @return their places in the data set, in its order; a new array
     */
    public int[] soundImages() {
        return sound.clone();
    }

    /**
     * The same findings without what images are called and look like: they are numbered, and the page shows none of them.
     *
     * @return a new inspection
     */
    public DatasetInspection withoutPaths() {
        Map<Kind, List<Finding>> renamed = new LinkedHashMap<>();
        findings.forEach((kind, found) ->
                renamed.put(kind, found.stream().map(Finding::withoutPaths).toList()));
        return new DatasetInspection(size, classes, forms, renamed, sound, image -> new byte[0]);
    }

    /** What was found, by kind. */
    Map<Kind, List<Finding>> byKind() {
        return findings;
    }

    /** The bytes of a small PNG, none where there is no picture. */
    byte[] picture(InspectedImage image) {
        return pictures.apply(image);
    }

    /**
     * Writes a page for others to read: counts, and the findings with small copies of their images, up to 60 of a kind. It
     * is one file that loads nothing, for light and dark screens; names and paths are shown as they are, whatever they
     * contain. The images are read now.
     *
     * @param file replaced whole or not at all; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     * @see #withoutPaths()
     */
    public void html(Path file) {
        ReplacedFile.writeBytes(file, "report", () -> InspectionPage.of(this).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * All of it as JSON: {@code size}, {@code classes}, {@code forms}, and {@code findings} with a list for each kind:
     * {@code unreadable}, {@code leaks}, {@code contradictions}, {@code suspectLabels}, {@code duplicates}, {@code outliers},
     * {@code oddImages}, {@code rareClasses} and {@code classTwins}, of the values of their records.
     *
     * @return one JSON object, the same in every locale
     */
    public String toJson() {
        Map<String, List<Finding>> byKey = new LinkedHashMap<>();
        findings.forEach((kind, found) -> byKey.put(kind.key(), found));
        return Json.write(new Stored(size, classes, forms, byKey));
    }

    /** The JSON. */
    private record Stored(
            long size, List<ClassCount> classes, List<ImageForm> forms, Map<String, List<Finding>> findings) {}

    private static String otherForms(int count) {
        return count == 0 ? "" : count == 1 ? " and one other form" : " and " + count + " other forms";
    }

    /**
     * What was found, for a terminal: of each kind the first ten.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(size + " images of "
                + classes.stream().map(ClassCount::name).distinct().count() + " classes, " + forms.get(0)
                + otherForms(forms.size() - 1) + "; " + findings().size() + " findings\n");
        findings.forEach((kind, found) -> {
            if (!found.isEmpty()) {
                text.append(kind.title() + ": " + found.size() + "\n");
                found.stream()
                        .limit(MOST_LISTED)
                        .forEach(each -> text.append("  " + each.toString().replaceAll("\\p{Cntrl}", " ") + "\n"));
                text.append(found.size() > MOST_LISTED ? "  and " + (found.size() - MOST_LISTED) + " more\n" : "");
            }
        });
        return text.toString();
    }

    /**
     * A kind of finding.
     *
     * @param key its name in JSON and on the page
     * @param title what the findings are, as a heading
     * @param advice what to do about them
     * @param find finds them
     */
    record Kind(String key, String title, String advice, Function<Subject, List<? extends Finding>> find) {
        /** All kinds, in the order in which they are told. */
        static final List<Kind> ALL = List.of(
                new Kind(
                        "unreadable",
                        "Images that can't be read",
                        "Fetch them again, or remove them.",
                        Subject::unreadable),
                new Kind(
                        "leaks",
                        "The same image in two parts",
                        "Remove it from one of them: figures on images that were learned from say too much.",
                        LeakedImage::find),
                new Kind(
                        "contradictions",
                        "The same image under two labels",
                        "One of the labels is wrong, or the classes overlap.",
                        ContradictoryLabels::find),
                new Kind(
                        "suspectLabels",
                        "Labels that are probably wrong",
                        "Look at them, the most doubtful first, and correct what is wrong: some are right, and only hard.",
                        SuspectLabel::find),
                new Kind(
                        "duplicates",
                        "Images that are there more than once",
                        "Keep one of each; copies count double in training and in all figures.",
                        RepeatedImage::find),
                new Kind(
                        "outliers",
                        "Images unlike all others",
                        "Look whether they belong to the data at all.",
                        Outlier::find),
                new Kind(
                        "oddImages",
                        "Images of another form",
                        "Look whether something went wrong when they were made.",
                        OddImage::find),
                new Kind(
                        "rareClasses",
                        "Classes with few images",
                        "Collect more, or train with balancedClassWeights().",
                        RareClass::find),
                new Kind(
                        "classTwins",
                        "Classes that are perhaps one",
                        "Give them one name, or names that differ to the eye.",
                        ClassTwins::find));
    }
}
