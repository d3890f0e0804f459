package org.transfer4j.internal.image;

import org.bytedeco.opencv.opencv_core.Mat;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The pixels of one image before preprocessing. */
public sealed interface DecodedImage {
    /**
     * Eight bits a channel, as OpenCV decodes them.
     *
     * @param pixels height x width, uint8, one channel (gray) or three in the order B, G, R
     */
    record Bytes(Mat pixels) implements DecodedImage {}

    /**
     * Floating-point pixels from an array.
     *
     * @param pixels [C, H, W], one channel or three in the order R, G, B
     */
    record Floats(INDArray pixels) implements DecodedImage {}
}
