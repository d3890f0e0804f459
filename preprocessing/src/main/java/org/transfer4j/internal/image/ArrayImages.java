package org.transfer4j.internal.image;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.natives.FirstUse;

/** From arrays to pixels and back. */
public final class ArrayImages {
    private ArrayImages() {}

    /**
     * Copies one image out of an array of any number type.
     *
     * @param image [C, H, W] or [1, C, H, W], one channel or three in the order R, G, B
     * @param origin its name in errors
     * @return its pixels as floats, the values unchanged, to be closed by the caller
     * @throws IllegalArgumentException if the shape is another
     */
    @SuppressWarnings("try") // the scope is held, not used
    public static DecodedImage.Floats decode(INDArray image, ImageOrigin origin) {
        long[] shape = image.shape();
        int rank = shape.length;
        boolean single = rank == 3 || (rank == 4 && shape[0] == 1);
        if (!single || (shape[rank - 3] != 1 && shape[rank - 3] != 3) || image.length() == 0) {
            throw new IllegalArgumentException(
                    origin + ": an image must be [C, H, W] or [1, C, H, W] with 1 or 3 channels, but has the shape "
                            + Arrays.toString(shape));
        }
        ImageBounds.requirePixels(shape[rank - 1], shape[rank - 2], origin);
        // Outside the caller's workspace: the copy outlives whatever block this runs in.
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            INDArray pixels = Nd4j.createUninitialized(
                    DataType.FLOAT, new long[] {shape[rank - 3], shape[rank - 2], shape[rank - 1]}, 'c');
            pixels.assign(rank == 3 ? image : image.reshape(pixels.shape()));
            return new DecodedImage.Floats(pixels);
        }
    }

    /**
     * Copies pixels into an array.
     *
     * @param image decoded pixels; they stay open
     * @return [1, C, H, W], float, one channel or three in the order R, G, B
     */
    public static INDArray toArray(DecodedImage image) {
        if (image instanceof DecodedImage.Floats floats) {
            long[] shape = floats.pixels().shape();
            return floats.pixels().dup('c').reshape('c', 1, shape[0], shape[1], shape[2]);
        }
        var pixels = ((DecodedImage.Bytes) image).pixels();
        int channels = pixels.channels();
        int height = pixels.rows();
        int width = pixels.cols();
        byte[] row = new byte[channels * width];
        float[] planes = new float[channels * height * width];
        for (int y = 0; y < height; y++) {
            pixels.ptr(y).get(row);
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    // stored as B, G, R
                    planes[((channels - 1 - c) * height + y) * width + x] = row[channels * x + c] & 0xFF;
                }
            }
        }
        FirstUse.ND4J.start();
        return Nd4j.create(planes, new long[] {1, channels, height, width}, 'c');
    }
}
