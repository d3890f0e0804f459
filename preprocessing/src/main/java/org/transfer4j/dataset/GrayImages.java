package org.transfer4j.dataset;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;

import java.nio.file.Path;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.natives.FirstUse;

/**
 * Gray images of one size, held as they are stored: one byte a pixel.
 *
 * @param file the file they come from, or null
 * @param blocks the pixels, perBlock images in each block but the last
 */
record GrayImages(@Nullable Path file, int size, int height, int width, int perBlock, List<byte[]> blocks)
        implements ImageSource {
    @Override
    public DecodedImage decode(int index) {
        int length = height * width;
        FirstUse.OPENCV.start();
        Mat pixels = new Mat(height, width, CV_8UC1);
        pixels.data().put(blocks.get(index / perBlock), index % perBlock * length, length);
        return new DecodedImage.Bytes(pixels);
    }

    @Override
    public byte[] contentDigest(int index) {
        return ContentDigest.ofGray(height, width, blocks.get(index / perBlock), index % perBlock * height * width);
    }

    @Override
    public ImageOrigin origin(int index) {
        return new ImageOrigin(file, "image " + index + (file == null ? " of the sample dataset" : ""));
    }
}
