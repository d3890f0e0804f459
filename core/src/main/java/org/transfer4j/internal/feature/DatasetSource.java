package org.transfer4j.internal.feature;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageBatch;
import org.transfer4j.dataset.ImageBatches;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** The images of one of our datasets. */
public final class DatasetSource implements LabelledSource {
    private final ImageDataset dataset;
    private final List<String> classNames;
    private final int[] classCounts;

    /** By the dataset's own class index. */
    private final List<Target> targets;

    private DatasetSource(ImageDataset dataset, List<String> classNames, int[] classCounts, List<Target> targets) {
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
        // the dataset gives the same number to the images of the same labels
        ImageDataset images = data.images();
        Target[] targets = new Target[images.classNames().size()];
        for (int i = 0; i < images.size(); i++) {
            int number = images.classIndex(i);
            if (targets[number] == null) {
                BitSet members = new BitSet();
                data.labels(i).forEach(label -> members.set(indices[names.indexOf(label)]));
                targets[number] = new Target.SeveralClasses(members, learned.size());
            }
        }
        return new DatasetSource(
                images, learned, counts(data.classCounts(), indices, learned.size()), Arrays.asList(targets));
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
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.of(classCounts.clone());
    }

    @Override
    public long size() {
        return dataset.size();
    }

    @Override
    public BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return new Stream(dataset.batches(settings(height, width, preprocessing, batchSize)));
    }

    /** Reads some images, in this order. */
    public BatchStream openSome(int[] indices, int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return new Stream(dataset.select(indices).batches(settings(height, width, preprocessing, batchSize)));
    }

    private static BatchSettings settings(int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return BatchSettings.of(height, width, preprocessing).withBatchSize(batchSize);
    }

    @Override
    public BatchStream openVariants(
            int height,
            int width,
            ImagePreprocessing preprocessing,
            int batchSize,
            SeededAugmentation augmentation,
            int variants) {
        int[] rows =
                IntStream.range(0, Math.multiplyExact(dataset.size(), variants)).toArray();
        return openRows(rows, settings(height, width, preprocessing, batchSize), augmentation, variants);
    }

    /** Some of these rows. */
    public BatchStream openRows(int[] rows, BatchSettings settings, SeededAugmentation augmentation, int variants) {
        int[] chosen = rows.clone();
        return new Stream(dataset.augmentedBatches(
                IntStream.of(chosen).map(row -> row / variants).toArray(),
                augmentation.augmentation(),
                place -> augmentation.randomOfRow(chosen[place], variants),
                settings));
    }

    /** The images, decoded anew in each epoch. */
    public Examples examples(int height, int width, ImagePreprocessing preprocessing) {
        return new Decoded(this, height, width, preprocessing, null, 1);
    }

    /** The images, decoded and augmented anew in each epoch. */
    public Examples examples(int height, int width, ImagePreprocessing preprocessing, SeededAugmentation augmentation) {
        return new Decoded(this, height, width, preprocessing, augmentation, 1);
    }

    private record Decoded(
            DatasetSource source,
            int height,
            int width,
            ImagePreprocessing preprocessing,
            @Nullable SeededAugmentation augmentation,
            int epoch)
            implements Examples {
        @Override
        public int size() {
            return source.dataset.size();
        }

        @Override
        public Examples inEpoch(int number) {
            return new Decoded(source, height, width, preprocessing, augmentation, number);
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            SeededAugmentation changes = augmentation;
            if (changes == null) {
                return source.openSome(order, height, width, preprocessing, batchSize);
            }
            int[] images = order.clone();
            return source.new Stream(source.dataset.augmentedBatches(
                    images,
                    changes.augmentation(),
                    place -> changes.random(images[place], epoch),
                    settings(height, width, preprocessing, batchSize)));
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }

    /** A dataset's batches with their targets. */
    private final class Stream implements BatchStream {
        private final ImageBatches batches;

        Stream(ImageBatches batches) {
            this.batches = batches;
        }

        @Override
        public boolean hasNext() {
            return batches.hasNext();
        }

        @Override
        public Batch next() {
            ImageBatch batch = batches.next();
            return new Batch(
                    batch.features(),
                    IntStream.of(batch.classIndices()).mapToObj(targets::get).toList());
        }

        @Override
        public void close() {
            batches.close();
        }
    }
}
