package org.transfer4j.internal.feature;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** One of our multi-label datasets as a source: its class indices are numbers of label sets. */
public final class LabelSetSource implements ImageSource {
    private final LabelSets sets;
    private final RelabelledSource numbered;
    private final int[] classCounts;

    /**
     * Looks up the sets of all images.
     *
     * @param what what the source is for, for the message
     * @throws org.transfer4j.error.DatasetException if a class of the data is none of the sets'
     */
    public LabelSetSource(MultiLabelDataset data, LabelSets sets, String what) {
        this.sets = sets;
        int[] newClass = RelabelledSource.newIndices(
                data.classNames(), Optional.of(data.classCounts()), sets.classNames(), what);
        int[] newNumber = new int[data.images().classNames().size()];
        Arrays.fill(newNumber, -1);
        for (int i = 0; i < data.size(); i++) {
            int set = data.images().classIndex(i);
            if (newNumber[set] < 0) {
                newNumber[set] = sets.numberOf(data.labels(i));
            }
        }
        numbered = new RelabelledSource(new DatasetSource(data.images()), sets.classNames(), newNumber);
        classCounts = RelabelledSource.newCounts(
                data.classCounts(), newClass, sets.classNames().size());
    }

    @Override
    public List<String> classNames() {
        return sets.classNames();
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.of(classCounts.clone());
    }

    @Override
    public long size() {
        return numbered.size();
    }

    @Override
    public BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return numbered.open(height, width, preprocessing, batchSize);
    }

    @Override
    public BatchStream openVariants(
            int height,
            int width,
            ImagePreprocessing preprocessing,
            int batchSize,
            SeededAugmentation augmentation,
            int variants) {
        return numbered.openVariants(height, width, preprocessing, batchSize, augmentation, variants);
    }

    @Override
    public Optional<Examples> ofDataset(Function<ImageDataset, Examples> examples) {
        return numbered.ofDataset(examples);
    }

    @Override
    public Optional<ImageDataset> behind() {
        return numbered.behind();
    }
}
