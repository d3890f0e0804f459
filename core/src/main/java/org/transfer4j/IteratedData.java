package org.transfer4j;

import java.util.List;
import java.util.Optional;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.IteratorSource;
import org.transfer4j.internal.feature.LabelSets;

/** A DL4J iterator: what its labels are is seen when they are read. */
record IteratedData(IteratorSource source) implements LearningData {
    @Override
    public List<String> classNames() {
        return source.classNames();
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.empty();
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
    public ImageSource ofOneLabel(List<String> classNames, String what) {
        return LearningData.renamed(source, classNames, what);
    }

    @Override
    public ImageSource ofLabelSets(LabelSets sets, String what) {
        return source.multiHot(sets, what);
    }

    @Override
    public LearningData sample(int count, long seed) {
        throw new IllegalStateException("a DataSetIterator is read but once");
    }

    @Override
    public LearningDataSplit split(double fraction, long seed) {
        throw new IllegalArgumentException(
                "validationSplit needs an ImageDataset; with a DataSetIterator give validation(...) an iterator");
    }
}
