package org.transfer4j;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.LabelSets;

/** Images with one label each. */
record OneLabelData(ImageDataset dataset) implements LearningData {
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
    public boolean isRereadable() {
        return true;
    }

    @Override
    public ImageSource ofOneLabel(List<String> classNames, String what) {
        return LearningData.renamed(new DatasetSource(dataset), classNames, what);
    }

    @Override
    public ImageSource ofLabelSets(LabelSets sets, String what) {
        throw new IllegalArgumentException("a multi-label head needs a MultiLabelDataset, the " + what
                + " is an ImageDataset, whose images have one label each: " + dataset);
    }

    @Override
    public LearningData sample(int count, long seed) {
        return new OneLabelData(dataset.shuffle(seed)
                .select(IntStream.range(0, Math.min(count, dataset.size())).toArray()));
    }

    @Override
    public LearningDataSplit split(double fraction, long seed) {
        DatasetSplit split = dataset.split(fraction, seed);
        return new LearningDataSplit(new OneLabelData(split.train()), new OneLabelData(split.test()));
    }
}
