package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;

/** What is read in batches: images in an order, and what becomes of each. Safe for use by several threads. */
interface BatchContent {
    int size();

    /** A batch of what was written for some positions. */
    ImageBatch batch(INDArray features, int first, int count);

    ImageOrigin origin(int position);

    /** Decodes and converts an image to the target's position. */
    void write(int position, ImageConverter converter, FloatBuffer target);
}
