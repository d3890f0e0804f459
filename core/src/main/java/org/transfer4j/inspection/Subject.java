package org.transfer4j.inspection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.probe.ConfidentLearning;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.Folds;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.probe.NearestNeighbours;
import org.transfer4j.internal.thread.Workers;

/** The images of an inspection that can be read, of all parts, numbered through, and what all kinds of findings need of them. */
final class Subject {
    /** How many images a class needs for its labels to be judged. */
    static final int FOLDS = 5;

    private static final int LOOKS = 3;
    private static final int NEIGHBOURS = 10;
    private static final int READ_AT_ONCE = 64;

    private final List<String> partNames;
    private final List<ImageDataset> parts;
    private final List<String> classNames;
    private final List<UnreadableImage> unreadable = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private final List<ImageLook> looks = new ArrayList<>();

    /** The first image with the same bytes, by image. */
    private final List<Integer> firsts = new ArrayList<>();

    private int[] labels = new int[0];
    private List<Group> groups = List.of();
    private double[] isolation = new double[0];
    private float[] probabilities = new float[0];
    private List<ConfidentLearning.Suspect> suspects = List.of();

    /** Where an image is. */
    private record Place(int part, int index) {}

    /** What was read of one. */
    private record Reading(@Nullable ImageLook look, String digest, String problem) {}

    /** Images that are one. */
    record Group(List<InspectedImage> images, boolean identical) {
        /** Whether they differ in something. */
        boolean differ(Function<InspectedImage, String> in) {
            return images.stream().map(in).distinct().count() > 1;
        }

        static String note(List<InspectedImage> images, boolean identical) {
            return (identical ? "the same bytes " : "nearly the same ") + images.size() + " times";
        }
    }

    private Subject(Map<String, ImageDataset> parts) {
        this.partNames = List.copyOf(parts.keySet());
        this.parts = List.copyOf(parts.values());
        classNames = ClassOrder.sorted(
                this.parts.stream().flatMap(part -> part.classNames().stream()).toList());
    }

    /** Checks data sets, by name in their order, reads them, and compares all images with each other. */
    static Subject of(ImageEmbedding learner, Map<String, ImageDataset> parts) {
        Subject subject = new Subject(parts);
        subject.requireJudgeable(subject.parts.stream()
                .flatMapToInt(part -> IntStream.range(0, part.size()).map(i -> subject.classOf(part, i)))
                .toArray());
        int images = subject.parts.stream().mapToInt(ImageDataset::size).sum();
        return Interruption.cancellable(
                "the inspection",
                () -> NativeMemory.guarded(() -> {
                    learner.embeddingWidth().ifPresent(width -> subject.requireRoom(images, width));
                    subject.read();
                    subject.compare(learner);
                    return subject;
                }));
    }

    private int classOf(ImageDataset part, int index) {
        return classNames.indexOf(part.label(index));
    }

    /** Labels are judged by what a probe learns of the others. */
    private void requireJudgeable(int[] all) {
        int[] counts = Folds.sizes(all, classNames.size());
        if (IntStream.of(counts).filter(count -> count >= FOLDS).count() < 2) {
            throw new DatasetException(
                    null,
                    "an inspection holds classes against each other, in " + FOLDS + " parts: 2 classes or more need "
                            + FOLDS + " images each that can be read, but of " + classNames + " there are "
                            + Arrays.toString(counts));
        }
    }

    private void read() {
        // both parts of a split have those of the whole
        parts.stream()
                .flatMap(part -> part.skipped().stream())
                .distinct()
                .map(file -> new UnreadableImage("", -1, file.file().toString(), file.reason()))
                .forEach(unreadable::add);
        Map<String, Integer> seen = new HashMap<>();
        List<Integer> readLabels = new ArrayList<>();
        for (int p = 0; p < parts.size(); p++) {
            ImageDataset part = parts.get(p);
            String name = partNames.get(p);
            for (int from = 0; from < part.size(); from += READ_AT_ONCE) {
                Interruption.check("the reading of images");
                int start = from;
                Reading[] readings = new Reading[Math.min(READ_AT_ONCE, part.size() - from)];
                Workers.run(readings.length, i -> readings[i] = reading(part, start + i));
                for (int i = 0; i < readings.length; i++) {
                    ImageLook look = readings[i].look;
                    if (look == null) {
                        unreadable.add(
                                new UnreadableImage(name, from + i, part.sourceOf(from + i), readings[i].problem));
                        continue;
                    }
                    int number = places.size();
                    Integer first = seen.putIfAbsent(readings[i].digest, number);
                    firsts.add(first == null ? number : first);
                    places.add(new Place(p, from + i));
                    looks.add(look);
                    readLabels.add(classOf(part, from + i));
                }
            }
        }
        labels = readLabels.stream().mapToInt(Integer::intValue).toArray();
        requireJudgeable(labels);
    }

    private static Reading reading(ImageDataset part, int index) {
        try (INDArray pixels = part.image(index)) {
            return new Reading(ImageLook.of(pixels), HexFormat.of().formatHex(part.contentDigest(index)), "");
        } catch (TransferException e) {
            return new Reading(null, "", withoutName(e.reason(), part.sourceOf(index)));
        } catch (UncheckedIOException e) {
            IOException cause = Objects.requireNonNull(e.getCause());
            return new Reading(null, "", "can't be read: " + FileFailure.reason(cause));
        }
    }

    /** Of an image that is no file, the reason begins with its name. */
    private static String withoutName(String reason, String name) {
        return reason.startsWith(name) ? reason.substring(name.length()).replaceFirst("^:? ", "") : reason;
    }

    private void compare(ImageEmbedding learner) {
        try (FeatureMatrix features = features(learner)) {
            BitSet among = new BitSet();
            firsts.forEach(among::set);
            NearestNeighbours neighbours = NearestNeighbours.of(features, among, NEIGHBOURS);
            isolation = IntStream.range(0, size())
                    .mapToDouble(neighbours::meanDistance)
                    .toArray();
            groups = groups(neighbours, features.width());
            judge(features);
        }
    }

    private FeatureMatrix features(ImageEmbedding learner) {
        List<INDArray> all = new ArrayList<>();
        try {
            for (int p = 0; p < parts.size(); p++) {
                int part = p;
                int[] read = places.stream()
                        .filter(place -> place.part == part)
                        .mapToInt(Place::index)
                        .toArray();
                if (read.length > 0) {
                    all.add(learner.embeddings(parts.get(p).select(read)));
                }
            }
            requireRoom(size(), all.get(0).length() / all.get(0).size(0));
            return FeatureMatrix.of(all);
        } finally {
            all.forEach(INDArray::close);
        }
    }

    private void requireRoom(int images, long width) {
        String what = images + " images with " + width + " features each and " + classNames.size() + " classes";
        if (!LogisticProbe.isIndexable(images, width, classNames.size())) {
            throw new IllegalArgumentException("an inspection of " + what
                    + " is more than an array can hold; Head.globalAveragePooling() has fewer features than"
                    + " Head.flatten()");
        }
        LogisticProbe.requireHeap("an inspection of " + what, LogisticProbe.heapBytes(width, classNames.size()));
        NativeMemory.require(
                null, "an inspection of " + what, LogisticProbe.nativeBytes(images, width, classNames.size()));
    }

    private List<Group> groups(NearestNeighbours neighbours, int width) {
        int[] root = SamePictures.of(firsts.stream().mapToInt(Integer::intValue).toArray(), neighbours, looks, width);
        Map<Integer, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < size(); i++) {
            members.computeIfAbsent(root[i], first -> new ArrayList<>()).add(i);
        }
        return members.values().stream()
                .filter(group -> group.size() > 1)
                .map(group -> new Group(
                        group.stream().map(this::image).toList(),
                        group.stream().map(firsts::get).distinct().count() == 1))
                .toList();
    }

    /**
     * By confident learning, three times: what was suspect at one look is not learned from for the next, so that wrong
     * labels do not blur the judgement of others.
     */
    private void judge(FeatureMatrix features) {
        BitSet doubtful = new BitSet();
        int[] counts = Folds.sizes(labels, classNames.size());
        for (int look = 0; look < LOOKS; look++) {
            probabilities = LogisticProbe.heldOutProbabilities(features, labels, classNames.size(), doubtful);
            suspects = new ConfidentLearning(probabilities, labels, classNames.size())
                    .suspects().stream()
                            .filter(suspect -> counts[labels[suspect.image()]] >= FOLDS)
                            .toList();
            doubtful.clear();
            suspects.forEach(suspect -> doubtful.set(suspect.image()));
        }
    }

    /** The value below which a part of sorted values is. */
    static double quantile(double[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.round(part * (sorted.length - 1))];
    }

    /** How many images can be read. */
    int size() {
        return places.size();
    }

    List<String> partNames() {
        return partNames;
    }

    List<String> classNames() {
        return classNames;
    }

    List<UnreadableImage> unreadable() {
        return unreadable;
    }

    /** How many images that can be read each class has in a part. */
    int[] counts(int part) {
        int[] counts = new int[classNames.size()];
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]] += places.get(i).part == part ? 1 : 0;
        }
        return counts;
    }

    InspectedImage image(int number) {
        Place place = places.get(number);
        return new InspectedImage(
                partNames.get(place.part),
                place.index,
                parts.get(place.part).sourceOf(place.index),
                classNames.get(labels[number]));
    }

    int label(int number) {
        return labels[number];
    }

    ImageLook look(int number) {
        return looks.get(number);
    }

    List<Group> groups() {
        return groups;
    }

    /** The mean distance from the nearest neighbours. */
    double isolation(int number) {
        return isolation[number];
    }

    /** Of a class, by a probe that did not learn from the image. */
    double probability(int number, int of) {
        return probabilities[number * classNames.size() + of];
    }

    List<ConfidentLearning.Suspect> suspects() {
        return suspects;
    }

    /**
     * Which images are one: those with the same bytes, and those that are alike to the network and to the eye. How near features of
     * the same picture are is told by how near those of different ones are, so that copies, however many, do not make each other
     * look far apart.
     */
    private static final class SamePictures {
        /** Of the median distance of images from the nearest one that is another picture: so near are features of the same. */
        private static final double SAME_FEATURES = 0.1;

        /** Likewise, where the pixels are alike too. */
        private static final double LIKE_FEATURES = 0.7;

        /** Of the range of an image's values, in the mean. */
        private static final double LIKE_PIXELS = 0.02;

        /** Of the root of the features' number, which is how long a standardized image is: rounding makes as much of no distance. */
        private static final double NO_DISTANCE = 0.005;

        private final NearestNeighbours neighbours;
        private final List<ImageLook> looks;
        private final double nothing;

        private SamePictures(NearestNeighbours neighbours, List<ImageLook> looks, int width) {
            this.neighbours = neighbours;
            this.looks = looks;
            nothing = NO_DISTANCE * Math.sqrt(width);
        }

        /**
         * Finds them.
         *
         * @param firsts the first image with the same bytes, by image
         * @param neighbours of each image, among the first ones
         * @param width how many features an image has
         * @return the first image that is the same picture, by image
         */
        static int[] of(int[] firsts, NearestNeighbours neighbours, List<ImageLook> looks, int width) {
            int[] root = firsts.clone();
            new SamePictures(neighbours, looks, width).join(root);
            return IntStream.range(0, root.length).map(i -> rootOf(root, i)).toArray();
        }

        private void join(int[] root) {
            double yardstick = yardstick(root);
            for (int i = 0; i < root.length; i++) {
                for (int n = 0; n < neighbours.number(); n++) {
                    double distance = neighbours.distance(i, n);
                    if (distance <= Math.max(nothing, SAME_FEATURES * yardstick)
                            || (distance <= LIKE_FEATURES * yardstick && isLike(i, n))) {
                        int other = rootOf(root, neighbours.image(i, n));
                        int own = rootOf(root, i);
                        root[Math.max(own, other)] = Math.min(own, other);
                    }
                }
            }
        }

        /** The median distance of images from the nearest one that is another picture, 0 where there is none. */
        private double yardstick(int[] firsts) {
            return quantile(
                    IntStream.range(0, firsts.length)
                            .filter(i -> firsts[i] == i)
                            .mapToDouble(this::distanceFromAnother)
                            .filter(distance -> distance > nothing)
                            .sorted()
                            .toArray(),
                    0.5);
        }

        /** Of images that look like all their neighbours, as parts before one camera do, the last one is taken for another. */
        private double distanceFromAnother(int image) {
            double distance = 0;
            for (int n = 0; n < neighbours.number(); n++) {
                distance = neighbours.distance(image, n);
                if (distance > nothing && !isLike(image, n)) {
                    break;
                }
            }
            return distance;
        }

        private boolean isLike(int image, int neighbour) {
            return looks.get(image).distance(looks.get(neighbours.image(image, neighbour))) <= LIKE_PIXELS;
        }

        private static int rootOf(int[] root, int image) {
            int at = image;
            while (root[at] != at) {
                at = root[at];
            }
            return at;
        }
    }
}
