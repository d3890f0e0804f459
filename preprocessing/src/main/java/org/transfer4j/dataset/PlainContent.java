package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;

/** A dataset in its order, as it is. */
record PlainContent(ImageDataset dataset) implements BatchContent {
    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public ImageBatch batch(INDArray features, int first, int count) {
        int[] classes =
                IntStream.range(first, first + count).map(dataset::classIndex).toArray();
        double[] weights = new double[count];
        Arrays.fill(weights, 1);
        return new ImageBatch(features, classes, classes, weights);
    }

    @Override
    public ImageOrigin origin(int position) {
        return dataset.origin(position);
    }

    @Override
    public void write(int position, ImageConverter converter, FloatBuffer target) {
        try (DecodedImage decoded = dataset.decode(position)) {
            converter.convert(decoded, dataset.sourceOf(position), target);
        }
    }
}
