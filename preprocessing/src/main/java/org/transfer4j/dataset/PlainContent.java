package org.transfer4j.dataset;

import java.nio.FloatBuffer;
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
    public int classIndex(int position) {
        return dataset.classIndex(position);
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
