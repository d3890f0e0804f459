package org.transfer4j.dataset;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.image.ArrayImages;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageOrigin;

/** Images from an array [N, C, H, W]. */
record ArraySource(INDArray images) implements ImageSource {
    ArraySource {
        long[] shape = images.shape();
        if (shape.length != 4 || (shape[1] != 1 && shape[1] != 3) || images.length() == 0) {
            throw new IllegalArgumentException(
                    "images must be [N, C, H, W] with 1 or 3 channels and N of at least 1, but have the shape "
                            + Arrays.toString(shape));
        }
        if (shape[0] > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("at most " + Integer.MAX_VALUE + " images, but was " + shape[0]);
        }
    }

    @Override
    public int size() {
        return (int) images.size(0);
    }

    @Override
    public DecodedImage.Floats decode(int index) {
        INDArray image =
                images.get(NDArrayIndex.point(index), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all());
        // A view may lose dimensions of size 1 on its way: the shape is said again.
        return ArrayImages.decode(image.reshape(images.size(1), images.size(2), images.size(3)), origin(index));
    }

    @Override
    public byte[] contentDigest(int index) {
        try (DecodedImage.Floats image = decode(index)) {
            return ContentDigest.ofFloats(image.pixels());
        }
    }

    @Override
    public ImageOrigin origin(int index) {
        return ImageOrigin.named("image " + index + " of the array");
    }
}
