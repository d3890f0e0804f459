package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.MemoryOrder;

/** Some images, or what the trunk made of them, with their targets. */
public final class Batch {
    private final Values values;
    private final List<Target> targets;

    /**
     * Holds both without a copy.
     *
     * @param features [n, ...], float, C order; valid until the next batch is asked for
     * @param targets n of them
     */
    public Batch(INDArray features, List<Target> targets) {
        this(new ArrayValues(features), targets);
        if (features.size(0) != targets.size()) {
            throw new IllegalArgumentException(
                    features.size(0) + " rows of features, but " + targets.size() + " targets");
        }
    }

    Batch(Values values, List<Target> targets) {
        this.values = values;
        this.targets = targets;
    }

    /** Images with one class each. */
    public Batch(INDArray features, int[] classIndices) {
        this(
                features,
                IntStream.of(classIndices)
                        .<Target>mapToObj(Target.OneClass::new)
                        .toList());
    }

    /** A batch to predict: its targets mean nothing. */
    public static Batch unlabelled(INDArray features) {
        return new Batch(features, new int[Math.toIntExact(features.size(0))]);
    }

    /** The same images with other targets. */
    Batch withTargets(List<Target> others) {
        return new Batch(values, others);
    }

    /** The same images with their features on another scale. */
    Batch scaled(FeatureScale scale) {
        return new Batch(new FeatureScale.Values(values, scale), targets);
    }

    /** The images or features, [n, ...]. */
    public INDArray features() {
        return values.all();
    }

    /** What is right for each image. */
    public List<Target> targets() {
        return targets;
    }

    /** The classes of images that have one each. */
    public int[] classIndices() {
        return targets.stream()
                .mapToInt(target -> ((Target.OneClass) target).index())
                .toArray();
    }

    /** The number of images. */
    public int size() {
        return targets.size();
    }

    /** The number of values that each image has. */
    public int rowLength() {
        return values.rowLength();
    }

    /**
     * Copies some of an image's values, for those who need no array of all. Several threads may do so at once.
     *
     * @param from the first value
     * @param to the one after the last
     * @param target gets them where its position is, as floats in native order
     */
    public void copyValues(int row, int from, int to, ByteBuffer target) {
        values.copy(row, from, to, target);
    }

    /** The values of a batch, wherever they are. */
    interface Values {
        /** The number of values that each image has. */
        int rowLength();

        /** All values, [n, ...], C order. */
        INDArray all();

        /** Puts an image's values [from, to) where the buffer's position is; safe from several threads, for each its own buffer. */
        void copy(int row, int from, int to, ByteBuffer target);
    }

    /** Values that are all in memory. */
    private record ArrayValues(INDArray all) implements Values {
        @Override
        public int rowLength() {
            return Math.toIntExact(all.length() / all.size(0));
        }

        @Override
        public void copy(int row, int from, int to, ByteBuffer target) {
            if (all.dataType() != DataType.FLOAT || !MemoryOrder.isContiguous(all)) {
                throw new IllegalArgumentException("features must be float in C order: " + all.shapeInfoToString());
            }
            // not data().asNio(), which starts where the array begins of which this one may be a part
            FloatPointer values = new FloatPointer(all.data().addressPointer());
            long start = values.position() + (long) row * rowLength();
            target.put(values.limit(start + to).position(start + from).asByteBuffer());
        }
    }
}
