package org.transfer4j.internal.settings;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.MultiLabelSplit;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.dataset.RegressionSplit;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.IteratorSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.feature.TargetScale;
import org.transfer4j.internal.plan.AnswerKind;

/** What a learner is given to learn from or to measure with, before it is known for which head and which classes. */
public sealed interface LearningData {
    /** The class names in the order of their indices, or the targets' names. */
    List<String> classNames();

    /** How many images have each class, by index; empty where only reading them tells, or there are no classes. */
    default Optional<int[]> classCounts() {
        return Optional.empty();
    }

    /** The number of images, or -1 where only reading them tells. */
    long size();

    /** Whether the images can be read again and again. */
    default boolean isRereadable() {
        return true;
    }

    /** Whether the images can be read from the first to the last more than once. */
    default boolean isResettable() {
        return isRereadable();
    }

    /**
     * The images with their targets.
     *
     * @param classNames the classes in the order of the outputs
     * @param answers the kind of the head's: of classes
     * @param what what they are for, for messages
     * @throws IllegalArgumentException if they are labelled for the other kind of head
     * @throws org.transfer4j.error.DatasetException if they have other classes
     */
    LabelledSource labelled(List<String> classNames, AnswerKind answers, String what);

    /**
     * Some of them, drawn by a seed; of those that can be read again and again.
     *
     * @param count not more than there are
     */
    LearningData sample(int count, long seed);

    /** Divides them. */
    Split split(double fraction, long seed);

    /** Two parts; the second is for validation. */
    record Split(LearningData train, LearningData held) {}

    private static int[] first(int count) {
        return IntStream.range(0, count).toArray();
    }

    /** Images with one label each. */
    record OneLabel(ImageDataset dataset) implements LearningData {
        @Override
        public List<String> classNames() {
            return dataset.classNames();
        }

        @Override
        public Optional<int[]> classCounts() {
            return Optional.of(dataset.classCounts());
        }

        @Override
        public long size() {
            return dataset.size();
        }

        @Override
        public LabelledSource labelled(List<String> classNames, AnswerKind answers, String what) {
            if (answers == AnswerKind.LABELS) {
                throw new IllegalArgumentException("a multi-label head needs a MultiLabelDataset, the " + what
                        + " is an ImageDataset, whose images have one label each: " + dataset);
            }
            return DatasetSource.of(dataset, classNames, what);
        }

        @Override
        public LearningData sample(int count, long seed) {
            return new OneLabel(dataset.shuffle(seed).select(first(count)));
        }

        @Override
        public Split split(double fraction, long seed) {
            DatasetSplit split = dataset.split(fraction, seed);
            return new Split(new OneLabel(split.train()), new OneLabel(split.test()));
        }
    }

    /** Images with any number of labels each. */
    record SeveralLabels(MultiLabelDataset dataset) implements LearningData {
        @Override
        public List<String> classNames() {
            return dataset.classNames();
        }

        @Override
        public Optional<int[]> classCounts() {
            return Optional.of(dataset.classCounts());
        }

        @Override
        public long size() {
            return dataset.size();
        }

        @Override
        public LabelledSource labelled(List<String> classNames, AnswerKind answers, String what) {
            if (answers != AnswerKind.LABELS) {
                throw new IllegalArgumentException("a softmax head gives each image one label, the " + what + " is a"
                        + " MultiLabelDataset; end the head with multiLabel()");
            }
            return DatasetSource.of(dataset, classNames, what);
        }

        @Override
        public LearningData sample(int count, long seed) {
            return new SeveralLabels(dataset.shuffle(seed).select(first(count)));
        }

        @Override
        public Split split(double fraction, long seed) {
            MultiLabelSplit split = dataset.split(fraction, seed);
            return new Split(new SeveralLabels(split.train()), new SeveralLabels(split.test()));
        }
    }

    /** Images with numbers, which are for a regression head alone. */
    record Numbers(RegressionDataset dataset) implements LearningData {
        @Override
        public List<String> classNames() {
            return dataset.targetNames();
        }

        @Override
        public long size() {
            return dataset.size();
        }

        @Override
        public LabelledSource labelled(List<String> classNames, AnswerKind answers, String what) {
            throw new IllegalArgumentException("a head of classes learns from images with labels, the " + what
                    + " is a RegressionDataset, whose images have numbers: " + dataset);
        }

        /**
         * The images with their numbers on a scale.
         *
         * @throws org.transfer4j.error.DatasetException if they have other targets
         */
        public LabelledSource standardized(List<String> targetNames, TargetScale scale, String what) {
            return DatasetSource.of(dataset, targetNames, scale, what);
        }

        @Override
        public LearningData sample(int count, long seed) {
            return new Numbers(dataset.shuffle(seed).select(first(count)));
        }

        @Override
        public Split split(double fraction, long seed) {
            RegressionSplit split = dataset.split(fraction, seed);
            return new Split(new Numbers(split.train()), new Numbers(split.test()));
        }
    }

    /**
     * Images whose features were computed elsewhere, for a head on these alone.
     *
     * @param labels the kind of what is right for each
     */
    record Computed(ComputedFeatures features, AnswerKind labels) implements LearningData {
        @Override
        public List<String> classNames() {
            return features.classNames();
        }

        @Override
        public Optional<int[]> classCounts() {
            return features.classCounts();
        }

        @Override
        public long size() {
            return features.size();
        }

        @Override
        public LabelledSource labelled(List<String> classNames, AnswerKind answers, String what) {
            if (answers != labels || !classNames().equals(classNames)) {
                throw new IllegalArgumentException("features of the classes " + classNames() + " were computed, but "
                        + classNames + " are learned");
            }
            return features;
        }

        @Override
        public LearningData sample(int count, long seed) {
            throw new IllegalStateException("features that were computed elsewhere are learned from as they are");
        }

        @Override
        public Split split(double fraction, long seed) {
            throw new IllegalStateException("features that were computed elsewhere are learned from as they are");
        }
    }

    /** A DL4J iterator: what its labels are is seen when they are read. */
    record Iterated(IteratorSource source) implements LearningData {
        @Override
        public List<String> classNames() {
            return source.classNames();
        }

        @Override
        public long size() {
            return source.size();
        }

        @Override
        public boolean isRereadable() {
            return false;
        }

        @Override
        public boolean isResettable() {
            return source.isResettable();
        }

        @Override
        public LabelledSource labelled(List<String> classNames, AnswerKind answers, String what) {
            return source.with(classNames, answers == AnswerKind.LABELS, what);
        }

        @Override
        public LearningData sample(int count, long seed) {
            throw new IllegalStateException("a DataSetIterator is read but once");
        }

        @Override
        public Split split(double fraction, long seed) {
            throw new IllegalArgumentException(
                    "validationSplit needs an ImageDataset; with a DataSetIterator give validation(...) an iterator");
        }
    }
}
