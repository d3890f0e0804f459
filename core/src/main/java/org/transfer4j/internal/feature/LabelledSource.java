package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;

/** Images with their targets, wherever they come from: those of a dataset can be read again and again. */
public sealed interface LabelledSource permits DatasetSource, IteratorSource, LabelledSource.ComputedFeatures {
    /** Tells by what there is how it is got at. */
    <T> T accept(Visitor<T> visitor);

    /** A case for each kind of source. */
    interface Visitor<T> {
        T images(DatasetSource images);

        /** Images that can be read but once. */
        T passing(IteratorSource images);

        T features(ComputedFeatures features);
    }

    /** The class names in the order of the targets' indices. */
    List<String> classNames();

    /** How many images have each class, by index; empty where only reading them tells, until they were read. */
    Optional<int[]> classCounts();

    /** The number of images, or -1 where only reading them tells. */
    long size();

    /** Reads all images once, as they are: [n, 3, height, width]. */
    default BatchStream open(NetworkInput input, int batchSize) {
        return open(input, batchSize, Variants.NONE);
    }

    /** Reads all images once, each in all of its variants, one after the other. */
    BatchStream open(NetworkInput input, int batchSize, Variants variants);

    /** Images of which only features and targets are here: what passes the frozen layers was computed elsewhere. */
    final class ComputedFeatures implements LabelledSource {
        private final List<String> classNames;
        private final int[] classCounts;
        private final long size;
        private final @Nullable Examples rows;

        private ComputedFeatures(List<String> classNames, int[] classCounts, long size, @Nullable Examples rows) {
            this.classNames = List.copyOf(classNames);
            this.classCounts = classCounts.clone();
            this.size = size;
            this.rows = rows;
        }

        /**
         * Features that are there.
         *
         * @param classCounts how many of them have each class
         * @param rows what the head reads of each image; closed by whoever learns from them
         */
        public static ComputedFeatures of(List<String> classNames, int[] classCounts, Examples rows) {
            return new ComputedFeatures(classNames, classCounts, rows.size(), rows);
        }

        /** Features to come, of which all is known that can be checked before the work. */
        public static ComputedFeatures expected(List<String> classNames, int[] classCounts, long size) {
            return new ComputedFeatures(classNames, classCounts, size, null);
        }

        /** What the head learns from. */
        public Examples examples() {
            if (rows == null) {
                throw new IllegalStateException("the features are not computed yet");
            }
            return rows;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.features(this);
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
            return size;
        }

        @Override
        public BatchStream open(NetworkInput input, int batchSize, Variants variants) {
            throw new IllegalStateException("the images are not here, only their features");
        }
    }
}
