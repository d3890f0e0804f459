package org.transfer4j.internal.cache;

import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;

/** The images of a dataset as they are. */
record PlainImages(ImageDataset dataset) implements PassImages {
    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public byte[] contentDigest(int index) {
        return dataset.contentDigest(index);
    }

    @Override
    public int classIndex(int index) {
        return dataset.classIndex(index);
    }

    @Override
    public String sourceOf(int index) {
        return dataset.sourceOf(index);
    }

    @Override
    public BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize) {
        return new DatasetSource(dataset.select(indices))
                .open(recipe.height(), recipe.width(), recipe.preprocessing(), batchSize);
    }
}
