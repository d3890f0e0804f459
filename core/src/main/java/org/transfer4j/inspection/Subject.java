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
        LogisticProbe.requireHeap("an inspection of " + what, width, classNames.size());
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
}
