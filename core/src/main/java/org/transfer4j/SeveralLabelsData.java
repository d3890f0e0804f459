package org.transfer4j;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.MultiLabelSplit;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.LabelSetSource;
import org.transfer4j.internal.feature.LabelSets;

/** Images with any number of labels each. */
record SeveralLabelsData(MultiLabelDataset dataset) implements LearningData {
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
        throw new IllegalArgumentException("a softmax head gives each image one label, the " + what + " is a"
                + " MultiLabelDataset; make the head Head....multiLabel()");
    }

    @Override
    public ImageSource ofLabelSets(LabelSets sets, String what) {
        return new LabelSetSource(dataset, sets, what);
    }

    @Override
    public LearningData sample(int count, long seed) {
        return new SeveralLabelsData(dataset.shuffle(seed)
                .select(IntStream.range(0, Math.min(count, dataset.size())).toArray()));
    }

    @Override
    public LearningDataSplit split(double fraction, long seed) {
        MultiLabelSplit split = dataset.split(fraction, seed);
        return new LearningDataSplit(new SeveralLabelsData(split.train()), new SeveralLabelsData(split.test()));
    }
}
