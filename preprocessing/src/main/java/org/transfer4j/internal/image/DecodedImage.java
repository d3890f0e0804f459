package org.transfer4j.internal.image;

import org.bytedeco.opencv.opencv_core.Mat;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The pixels of one image before preprocessing. Whoever holds it owns the native memory and closes it. */
public sealed interface DecodedImage extends AutoCloseable {
    /** Releases the native memory; the pixels may not be used after it. */
    @Override
    void close();

    /**
     * Eight bits a channel, as OpenCV decodes them.
     *
     * @param pixels height x width, uint8, one channel (gray) or three in the order B, G, R
     * @param giveBack gives their share of the decoders' memory back; may be run twice
     */
    record Bytes(Mat pixels, Runnable giveBack) implements DecodedImage {
        /**
         * Pixels that were not decoded, and so have no share in the decoders' memory.
         *
         * @param pixels as above
         */
        public Bytes(Mat pixels) {
            this(pixels, () -> {});
        }

        @Override
        public void close() {
            pixels.close();
            giveBack.run();
        }
    }

    /**
     * Floating-point pixels from an array.
     *
     * @param pixels [C, H, W], one channel or three in the order R, G, B
     */
    record Floats(INDArray pixels) implements DecodedImage {
        @Override
        public void close() {
            if (pixels.closeable()) {
                pixels.close();
            }
        }
    }
}
