package org.transfer4j.internal.feature;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.ImageBatches;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.preprocessing.Views;

/** The images of one of our datasets. */
public final class DatasetSource implements LabelledSource {
    private final ImageDataset dataset;
    private final List<String> classNames;
    private final int @Nullable [] classCounts;

    /** By the dataset's own class index. */
    private final List<Target> targets;

    private DatasetSource(
            ImageDataset dataset, List<String> classNames, int @Nullable [] classCounts, List<Target> targets) {
        this.dataset = dataset;
        this.classNames = List.copyOf(classNames);
        this.classCounts = classCounts;
        this.targets = targets;
    }

    /** Images with one class each, as the dataset numbers them. */
    public DatasetSource(ImageDataset dataset) {
        this(
                dataset,
                dataset.classNames(),
                dataset.classCounts(),
                oneClass(IntStream.range(0, dataset.classNames().size())));
    }

    private static List<Target> oneClass(IntStream indices) {
        return indices.<Target>mapToObj(Target.OneClass::new).toList();
    }

    /**
     * Images with one class each.
     *
     * @param learned the classes in the order of their indices; those of the data are the same where their names are
     * @param what what the images are for, for the message
     * @throws DatasetException if a class with images was not learned
     */
    public static DatasetSource of(ImageDataset dataset, List<String> learned, String what) {
        int[] indices = indices(dataset.classNames(), Optional.of(dataset.classCounts()), learned, what);
        return new DatasetSource(
                dataset,
                learned,
                counts(dataset.classCounts(), indices, learned.size()),
                oneClass(IntStream.of(indices)));
    }

    /**
     * Images with any number of classes each.
     *
     * @param learned the classes in the order of their indices; those of the data are the same where their names are
     * @param what what the images are for, for the message
     * @throws DatasetException if a class with images was not learned
     */
    public static DatasetSource of(MultiLabelDataset data, List<String> learned, String what) {
        int[] indices = indices(data.classNames(), Optional.of(data.classCounts()), learned, what);
        List<String> names = data.classNames();
        List<Target> targets = targets(data.images(), image -> {
            BitSet members = new BitSet();
            data.labels(image).forEach(label -> members.set(indices[names.indexOf(label)]));
            return new Target.SeveralClasses(members, learned.size());
        });
        return new DatasetSource(data.images(), learned, counts(data.classCounts(), indices, learned.size()), targets);
    }

    /** By class index: the dataset gives the same one to all images of which the same is right. */
    private static List<Target> targets(ImageDataset images, IntFunction<Target> ofImage) {
        Target[] targets = new Target[images.classNames().size()];
        for (int i = 0; i < images.size(); i++) {
            int number = images.classIndex(i);
            if (targets[number] == null) {
                targets[number] = ofImage.apply(i);
            }
        }
        return Arrays.asList(targets);
    }

    /**
     * Images with numbers.
     *
     * @param names the targets in the order of the outputs, which are the data's own in whatever order
     * @param what what the images are for, for the message
     * @throws DatasetException if the data has other targets
     */
    public static DatasetSource of(RegressionDataset data, List<String> names, TargetScale scale, String what) {
        int[] columns = columns(data, names, what);
        List<Target> targets = targets(data.images(), image -> {
            double[] own = data.targets(image);
            return scale.standardized(
                    IntStream.of(columns).mapToDouble(column -> own[column]).toArray());
        });
        return new DatasetSource(data.images(), names, null, targets);
    }

    /**
     * Where a dataset has the targets of some outputs.
     *
     * @throws DatasetException if it has others
     */
    public static int[] columns(RegressionDataset data, List<String> names, String what) {
        if (!Set.copyOf(data.targetNames()).equals(Set.copyOf(names))) {
            throw new DatasetException(
                    null,
                    what + " must have the targets " + names + ", but has " + data.targetNames()
                            + "; RegressionDataset.named(...) says what they are called");
        }
        return names.stream().mapToInt(data.targetNames()::indexOf).toArray();
    }

    /** By old index; -1 for a class that was not learned and has no images. */
    static int[] indices(List<String> names, Optional<int[]> counts, List<String> learned, String what) {
        Map<String, Integer> index = new HashMap<>();
        for (int i = 0; i < learned.size(); i++) {
            index.put(learned.get(i), i);
        }
        int[] indices = new int[names.size()];
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < indices.length; i++) {
            Integer known = index.get(names.get(i));
            indices[i] = known == null ? -1 : known;
            if (known == null && (counts.isEmpty() || counts.get()[i] > 0)) {
                unknown.add(names.get(i));
            }
        }
        if (!unknown.isEmpty()) {
            String twins = unknown.stream()
                    .flatMap(name ->
                            LabelText.twin(name, learned).map(twin -> "'" + name + "' and '" + twin + "'").stream())
                    .collect(Collectors.joining(", "));
            throw new DatasetException(
                    null,
                    what + " may only have classes that were learned, " + learned + "; unknown: " + unknown
                            + (twins.isEmpty()
                                    ? ""
                                    : "; these differ in case, white space or Unicode form alone: " + twins));
        }
        return indices;
    }

    private static int[] counts(int[] counts, int[] indices, int classes) {
        int[] moved = new int[classes];
        for (int i = 0; i < counts.length; i++) {
            if (indices[i] >= 0) {
                moved[indices[i]] += counts[i];
            }
        }
        return moved;
    }

    /** The dataset, whose own class indices mean something else. */
    public ImageDataset dataset() {
        return dataset;
    }

    /** What is right for an image. */
    public Target target(int image) {
        return targets.get(dataset.classIndex(image));
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
        return visitor.images(this);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.ofNullable(classCounts).map(int[]::clone);
    }

    @Override
    public long size() {
        return dataset.size();
    }

    @Override
    public BatchStream open(NetworkInput input, int batchSize, Variants variants) {
        int rows = Math.multiplyExact(dataset.size(), variants.count());
        return open(IntStream.range(0, rows).toArray(), input, batchSize, variants);
    }

    /** Reads all images once, each in all views, one after the other. */
    public BatchStream open(NetworkInput input, int batchSize, Views views) {
        return stream(dataset.batches(views, input.batches(batchSize)));
    }

    /** Reads some of the rows, in this order. */
    public BatchStream open(int[] rows, NetworkInput input, int batchSize, Variants variants) {
        SeededAugmentation augmentation = variants.augmentation();
        int[] images = IntStream.of(rows).map(variants::image).toArray();
        if (augmentation == null) {
            return stream(dataset.select(images).batches(input.batches(batchSize)));
        }
        int[] epochs = IntStream.of(rows).map(variants::epoch).toArray();
        return augmented(images, augmentation, place -> epochs[place], input, batchSize);
    }

    private BatchStream augmented(
            int[] images, SeededAugmentation augmentation, IntUnaryOperator epochs, NetworkInput input, int batchSize) {
        return stream(dataset.augmentedBatches(
                images,
                augmentation.augmentation(),
                place -> augmentation.random(images[place], epochs.applyAsInt(place)),
                input.batches(batchSize)));
    }

    /** The images, decoded anew in each epoch. */
    public Examples examples(NetworkInput input) {
        return new Decoded(this, input, null, 1);
    }

    /** The images, decoded and augmented anew in each epoch. */
    public Examples examples(NetworkInput input, SeededAugmentation augmentation) {
        return new Decoded(this, input, augmentation, 1);
    }

    private record Decoded(
            DatasetSource source,
            NetworkInput input,
            @Nullable SeededAugmentation augmentation,
            int epoch) implements Examples {
        @Override
        public int size() {
            return source.dataset.size();
        }

        @Override
        public Examples inEpoch(int number) {
            return new Decoded(source, input, augmentation, number);
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            return augmentation == null
                    ? source.open(order, input, batchSize, Variants.NONE)
                    : source.augmented(order.clone(), augmentation, place -> epoch, input, batchSize);
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }

    /** A dataset's batches with their targets. */
    private BatchStream stream(ImageBatches batches) {
        return BatchStream.of(
                batches,
                batch -> new Batch(
                        batch.features(),
                        IntStream.of(batch.classIndices())
                                .mapToObj(targets::get)
                                .toList()),
                batches::close);
    }
}
