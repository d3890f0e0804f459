package org.transfer4j.internal.feature;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.label.LabelText;

/**
 * A DL4J iterator as a source. Its own preprocessor runs first; what it gives are pixels [N, 1 or 3, H, W] and one-hot
 * or multi-hot labels [N, classes]. It is reset before it is read, where it can be.
 */
public final class IteratorSource implements LabelledSource {
    private final DataSetIterator iterator;
    private final List<String> ownNames;
    private final List<String> classNames;
    private final boolean multiHot;

    /** By the iterator's index. */
    private final int[] newClass;

    /** How many images of each class there were, once all were read. */
    private volatile int @Nullable [] counts;

    /** Asks the iterator for its class names or, where it has none, for the number of its classes. */
    public IteratorSource(DataSetIterator iterator) {
        this.iterator = iterator;
        this.ownNames = classNames(iterator);
        this.classNames = ownNames;
        this.multiHot = false;
        this.newClass = IntStream.range(0, ownNames.size()).toArray();
    }

    private IteratorSource(IteratorSource other, List<String> learned, boolean multiHot, String what) {
        this.iterator = other.iterator;
        this.ownNames = other.ownNames;
        this.classNames = List.copyOf(learned);
        this.multiHot = multiHot;
        this.newClass = DatasetSource.indices(ownNames, Optional.empty(), learned, what);
    }

    /**
     * The same iterator, whose classes are the same where their names are.
     *
     * @param learned the classes in the order of their indices
     * @param multiHot whether images have any number of them, in place of one
     * @param what what the images are for, for the message
     * @throws org.transfer4j.error.DatasetException if a class of the iterator was not learned
     */
    public IteratorSource with(List<String> learned, boolean multiHot, String what) {
        return new IteratorSource(this, learned, multiHot, what);
    }

    private static List<String> classNames(DataSetIterator iterator) {
        List<String> given = iterator.getLabels();
        if (given != null && !given.isEmpty()) {
            List<String> labels = LabelText.read(given);
            if (new HashSet<>(labels).size() < labels.size()) {
                throw new IllegalArgumentException("the iterator's class names must differ, got " + labels);
            }
            LabelText.warnOfTwins("the iterator", labels);
            return List.copyOf(labels);
        }
        int classes = iterator.totalOutcomes();
        if (classes < 1) {
            throw new IllegalArgumentException("the iterator has no labels (getLabels()) and does not say how many"
                    + " classes there are (totalOutcomes() is " + classes + ")");
        }
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
        return visitor.passing(this);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.ofNullable(counts).map(int[]::clone);
    }

    @Override
    public long size() {
        return -1;
    }

    /** Whether it can be read again; else what was read of it is gone. */
    public boolean isResettable() {
        return iterator.resetSupported();
    }

    @Override
    public BatchStream open(NetworkInput input, int batchSize, Variants variants) {
        if (isResettable()) {
            iterator.reset();
        }
        return new Stream(input, variants, batchSize);
    }

    /** Cuts the iterator's batches, of whatever size, into batches of ours. */
    private final class Stream implements BatchStream {
        private final NetworkInput input;
        private final ImageConverter converter;
        private final Variants variants;
        private final int batchSize;
        private @Nullable DataSet current;
        private @Nullable INDArray images;
        private final int[] seen = new int[classNames.size()];
        private final Map<BitSet, Target> sets = new HashMap<>();
        private long used;
        private int delivered;

        Stream(NetworkInput input, Variants variants, int batchSize) {
            this.input = input;
            this.converter = new ImageConverter(input.height(), input.width(), input.preprocessing());
            this.variants = variants;
            this.batchSize = batchSize;
        }

        @Override
        public boolean hasNext() {
            return current != null || iterator.hasNext();
        }

        @Override
        public Batch next() {
            DataSet data = current == null ? checked(iterator.next()) : current;
            INDArray pixels = data.getFeatures();
            long rows = pixels.size(0) * variants.count();
            int count = (int) Math.min(batchSize, rows - used);
            INDArray batch = room(count);
            FloatBuffer target = batch.data().asNioFloat();
            List<Target> targets = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                int row = delivered + i;
                String name = "image " + variants.image(row) + " of the iterator";
                long image = (used + i) / variants.count();
                convert(new DecodedImage.Floats(pixels.slice(image)), name, row, target);
                // an image is counted once, however many variants it has
                boolean first = (used + i) % variants.count() == 0;
                targets.add(target(data.getLabels().getRow(image), name, first));
            }
            used += count;
            delivered = Math.addExact(delivered, count);
            current = used < rows ? data : null;
            used = current == null ? 0 : used;
            if (!hasNext()) {
                counts = seen;
            }
            return new Batch(batch, targets);
        }

        private void convert(DecodedImage image, String name, int row, FloatBuffer target) {
            SeededAugmentation augmentation = variants.augmentation();
            if (augmentation == null) {
                converter.convert(image, name, target);
            } else {
                RandomGenerator draws = augmentation.random(variants.image(row), variants.epoch(row));
                converter.convert(
                        image,
                        name,
                        (pixels, height, width) -> augmentation.augmentation().apply(pixels, height, width, draws),
                        target);
            }
        }

        /** The array of the batch before, where it has the right size: it is not in use any more. */
        private INDArray room(int count) {
            if (images == null || images.size(0) != count) {
                close();
                if (3.0 * Float.BYTES * input.height() * input.width() * count > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException("a batch must fit in 2 GiB, but " + count + " images of "
                            + input.height() + "x" + input.width() + " do not");
                }
                images = Nd4j.createUninitialized(
                        DataType.FLOAT, new long[] {count, 3, input.height(), input.width()}, 'c');
            }
            return images;
        }

        private DataSet checked(DataSet data) {
            INDArray features = data.getFeatures();
            if (features == null
                    || features.rank() != 4
                    || (features.size(1) != 1 && features.size(1) != 3)
                    || features.length() == 0) {
                throw new IllegalArgumentException(
                        "the iterator's features must be pixels [N, 1 or 3, H, W] with N, H and W at least 1, got "
                                + (features == null ? "none" : Arrays.toString(features.shape())));
            }
            INDArray labels = data.getLabels();
            if (labels == null
                    || labels.rank() != 2
                    || labels.size(0) != features.size(0)
                    || labels.size(1) != ownNames.size()) {
                throw new IllegalArgumentException("the iterator's labels must be "
                        + (multiHot ? "multi-hot [" : "one-hot [") + features.size(0) + ", "
                        + ownNames.size() + "], got " + (labels == null ? "none" : Arrays.toString(labels.shape())));
            }
            return data;
        }

        private Target target(INDArray label, String image, boolean counted) {
            if (multiHot) {
                BitSet members = classes(label, image);
                members.stream().forEach(index -> seen[index] += counted ? 1 : 0);
                return sets.computeIfAbsent(members, set -> new Target.SeveralClasses(set, classNames.size()));
            }
            int index = newClass[classIndex(label, image)];
            seen[index] += counted ? 1 : 0;
            return new Target.OneClass(index);
        }

        private BitSet classes(INDArray label, String image) {
            BitSet classes = new BitSet();
            for (int i = 0; i < newClass.length; i++) {
                double value = label.getDouble(i);
                if (value != 0 && value != 1) {
                    throw new IllegalArgumentException(
                            "the label of " + image + " must be multi-hot, each value 0 or 1, got " + label);
                }
                if (value == 1) {
                    classes.set(newClass[i]);
                }
            }
            return classes;
        }

        private int classIndex(INDArray label, String image) {
            int index = label.argMax().getInt(0);
            if (label.getDouble(index) != 1 || label.sumNumber().doubleValue() != 1) {
                throw new IllegalArgumentException("the label of " + image + " must be one-hot, got " + label);
            }
            return index;
        }

        @Override
        public void close() {
            // the iterator is the caller's
            if (images != null) {
                images.close();
                images = null;
            }
        }
    }
}
